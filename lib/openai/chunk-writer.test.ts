import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { type ChunkWriter, chunkWriter } from "./chunk-writer";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(answer: (writer: ChunkWriter) => void): Promise<number> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    answer(chunkWriter(response, () => undefined));
  });
  server.listen(0, "127.0.0.1");
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Everything that the server sends until it closes the connection. */
async function exchange(port: number, head: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`${head}\r\n\r\n`);
  return text(socket);
}

const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);

describe("chunkWriter", () => {
  it("frames bytes and text, and ends with the last chunk", async () => {
    const port = await serve((writer) => {
      writer.write("é😀");
      writer.write(Buffer.from("x".repeat(17)));
      writer.end("end");
    });
    const answer = await exchange(port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close");
    expect(answer).toMatch(/^transfer-encoding: chunked\r$/im);
    expect(bodyOf(answer)).toBe(`6\r\né😀\r\n11\r\n${"x".repeat(17)}\r\n3\r\nend\r\n0\r\n\r\n`);
  });

  it("writes no empty chunk, which would end the body early", async () => {
    const port = await serve((writer) => {
      expect(writer.write("")).toBe(true);
      writer.write("all");
      writer.end(null);
    });
    const answer = await exchange(port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close");
    expect(bodyOf(answer)).toBe("3\r\nall\r\n0\r\n\r\n");
  });

  it("leaves HTTP/1.0 without frames", async () => {
    const port = await serve((writer) => {
      writer.write("one ");
      writer.end("two");
    });
    const answer = await exchange(port, "GET / HTTP/1.0");
    expect(answer).not.toMatch(/^transfer-encoding/im);
    expect(bodyOf(answer)).toBe("one two");
  });

  it("leaves the connection usable, also for requests that were sent ahead", async () => {
    const port = await serve((writer) => {
      writer.write("first");
      writer.end("last");
    });
    const one = "GET / HTTP/1.1\r\nhost: a";
    const both = await exchange(port, `${one}\r\n\r\n${one}\r\nconnection: close`);
    expect(both.match(/5\r\nfirst\r\n4\r\nlast\r\n0\r\n\r\n/g)).toHaveLength(2);
  });

  it("is understood by a client", async () => {
    const port = await serve((writer) => {
      for (let index = 0; index < 100; index += 1) writer.write(`data: ${index}\n\n`);
      writer.end(null);
    });
    const outgoing = request({ port, host: "127.0.0.1" }).end();
    const [response] = await once(outgoing, "response");
    expect(await text(response)).toBe(
      Array.from({ length: 100 }, (_, index) => `data: ${index}\n\n`).join(""),
    );
  });

  it("keeps answers apart on a connection whose requests were sent ahead", async () => {
    const writers: ChunkWriter[] = [];
    const port = await serve((writer) => {
      writers.push(writer);
      if (writers.length < 2) return;
      // The second answer is written first, and has to wait for the first.
      const [one, two] = writers;
      for (const part of ["c", "d"]) two?.write(part);
      for (const part of ["a", "b"]) one?.write(part);
      one?.end(null);
      one?.release();
      two?.write("e");
      two?.end(null);
    });
    const ahead = "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close";
    const bodies = (await exchange(port, ahead)).split(/HTTP\/1\.1 200[\s\S]*?\r\n\r\n/).slice(1);
    expect(bodies).toEqual(["1\r\na\r\n1\r\nb\r\n0\r\n\r\n", "1\r\nc\r\n1\r\nd\r\n1\r\ne\r\n0\r\n\r\n"]);
  });

  it("says when to wait, and when to go on", async () => {
    const drained = new Promise<number>((resolve) => {
      const server = createServer((_request, response) => {
        response.writeHead(200);
        let written = 0;
        const fill = (): void => {
          do written += 1;
          while (writer.write(Buffer.alloc(64 * 1024)));
        };
        const writer = chunkWriter(response, () => {
          writer.release();
          resolve(written);
          response.destroy();
        });
        fill();
      });
      stops.push(() => server.close());
      server.listen(0, "127.0.0.1", () => {
        const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
        socket.on("error", () => undefined);
        socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        socket.resume();
      });
    });
    expect(await drained).toBeGreaterThan(0);
  });
});

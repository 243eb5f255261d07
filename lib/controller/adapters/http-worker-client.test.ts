import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { WorkerAnswer, WorkerClient, WorkerFailure, WorkerRequest } from "../ports";
import { createAllowedNetworks } from "./allowed-networks";
import { createHttpWorkerClient } from "./http-worker-client";
import { gatherMs } from "./worker-connection";

const releases: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

type Peer = { url: string; sockets: Socket[]; requests: string[] };

/** A worker that answers each request by hand: what it sends is bytes, and may be anything. */
async function peer(onRequest: (socket: Socket, number: number) => void): Promise<Peer> {
  const seen: Peer = { url: "", sockets: [], requests: [] };
  const server: Server = createServer((socket) => {
    seen.sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      seen.requests.push(bytes.toString("latin1"));
      onRequest(socket, seen.requests.length);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  releases.push(async () => {
    for (const socket of seen.sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  seen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return seen;
}

function client(upstreamTimeoutMs = 5_000): WorkerClient {
  const made = createHttpWorkerClient({
    networks: createAllowedNetworks(["127.0.0.0/8"]),
    secretOf: (id) => `secret-of-${id}`,
    upstreamTimeoutMs,
    wholeAnswerTimeoutMs: upstreamTimeoutMs,
  });
  releases.push(() => made.close());
  return made;
}

type Ending = WorkerFailure["kind"] | "complete";

function send(
  to: WorkerClient,
  { url }: Peer,
  changes: Partial<WorkerRequest> = {},
): { answer: Promise<WorkerAnswer>; endings: Ending[] } {
  const endings: Ending[] = [];
  const answer = to.send({
    worker: { id: "w", url },
    path: "/v1/chat/completions",
    body: '{"text":"é"}',
    requestId: "request-1",
    isWhole: false,
    signal: new AbortController().signal,
    onSettled: (failure) => endings.push(failure?.kind ?? "complete"),
    ...changes,
  });
  return { answer, endings };
}

const ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

describe("the worker client", () => {
  it("sends one well-formed request and keeps the connection for the next", async () => {
    const worker = await peer((socket) => socket.write(ok));
    const to = client();
    for (let round = 0; round < 3; round += 1) {
      const { answer, endings } = send(to, worker);
      expect((await answer).whole?.toString()).toBe("ok");
      expect(endings).toEqual(["complete"]);
    }
    expect(worker.sockets).toHaveLength(1);
    expect(worker.requests[0]).toBe(
      [
        "POST /v1/chat/completions HTTP/1.1",
        `host: ${new URL(worker.url).host}`,
        "authorization: Bearer secret-of-w",
        "content-type: application/json",
        "x-request-id: request-1",
        "content-length: 13",
        "",
        Buffer.from('{"text":"é"}').toString("latin1"),
      ].join("\r\n"),
    );
  });

  it("opens a connection for each request at the same time", async () => {
    const worker = await peer((socket, number) => {
      if (number === 2) for (const each of worker.sockets) each.write(ok);
      else if (number > 2) socket.write(ok);
    });
    const to = client();
    await Promise.all([send(to, worker).answer, send(to, worker).answer]);
    expect(worker.sockets).toHaveLength(2);
    await send(to, worker).answer;
    expect(worker.sockets).toHaveLength(2);
  });

  it.each<[string, (socket: Socket) => void]>([
    ["closed", (socket) => socket.end()],
    ["reset", (socket) => socket.resetAndDestroy()],
  ])("sends once more where a kept connection is %s as it is used again", async (_name, close) => {
    const worker = await peer((socket, number) => {
      if (number === 2) close(socket);
      else socket.write(ok);
    });
    const to = client();
    await send(to, worker).answer;
    const { answer, endings } = send(to, worker);
    expect((await answer).whole?.toString()).toBe("ok");
    expect(endings).toEqual(["complete"]);
    expect(worker.requests).toHaveLength(3);
    expect(worker.sockets).toHaveLength(2);
  });

  it("does not send again what a new connection has dropped", async () => {
    const worker = await peer((socket) => socket.resetAndDestroy());
    const { answer, endings } = send(client(), worker);
    await expect(answer).rejects.toMatchObject({ kind: "unreachable" });
    expect(endings).toEqual(["unreachable"]);
    expect(worker.requests).toHaveLength(1);
  });

  it("does not trust a connection on which more came than was asked for", async () => {
    const worker = await peer((socket) => socket.write(`${ok}${ok}`));
    const to = client();
    for (let round = 0; round < 2; round += 1) {
      expect((await send(to, worker).answer).whole?.toString()).toBe("ok");
    }
    expect(worker.sockets).toHaveLength(2);
  });

  it("closes a connection on which the worker speaks unasked", async () => {
    const worker = await peer((socket) => socket.write(ok));
    const to = client();
    await send(to, worker).answer;
    const [first] = worker.sockets;
    first?.write(ok);
    if (first !== undefined) await once(first, "close");
    expect((await send(to, worker).answer).whole?.toString()).toBe("ok");
    expect(worker.sockets).toHaveLength(2);
  });

  it.each([
    ["before the head", ""],
    ["in a short body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"],
    ["in a stream", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"],
  ])("ends with a timeout when the worker falls silent: %s", async (_name, beginning) => {
    const worker = await peer((socket) => socket.write(beginning));
    const { answer, endings } = send(client(150), worker);
    const outcome = answer.then(({ body }) => (body === null ? "whole" : text(body)));
    await expect(outcome).rejects.toMatchObject(
      beginning === "" ? { kind: "timeout" } : { code: "upstream_timeout" },
    );
    expect(endings).toEqual(["timeout"]);
  });

  it("does not take a reader's slowness for the worker's silence", async () => {
    const size = 1024 * 1024;
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`;
    const worker = await peer((socket) => {
      socket.write(head);
      socket.write(Buffer.alloc(size, "x"));
    });
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    releases.push(async () => vi.useRealTimers());
    const timeoutMs = 1_000;
    const { answer, endings } = send(client(timeoutMs), worker);
    const { body } = await answer;
    await expect.poll(() => body?.readableLength).toBeGreaterThanOrEqual(64 * 1024);
    // Nobody reads while several times the limit goes by.
    vi.advanceTimersByTime(timeoutMs * 4);
    expect(endings).toEqual([]);
    expect(body === null ? "" : await text(body)).toHaveLength(size);
    expect(endings).toEqual(["complete"]);
  });

  it("closes the connection of a request that is aborted, and lets another abort cost nothing", async () => {
    const worker = await peer(() => undefined);
    const abort = new AbortController();
    const { answer, endings } = send(client(), worker, { signal: abort.signal });
    await expect.poll(() => worker.requests.length).toBe(1);
    abort.abort(new Error("enough"));
    await expect(answer).rejects.toMatchObject({ kind: "aborted" });
    expect(endings).toEqual(["aborted"]);
    const [socket] = worker.sockets;
    if (socket !== undefined && !socket.closed) await once(socket, "close");
  });

  it("refuses a request id that would end its line", async () => {
    const worker = await peer((socket) => socket.write(ok));
    const { answer, endings } = send(client(), worker, { requestId: "a\r\nx: y" });
    await expect(answer).rejects.toMatchObject({ kind: "broken" });
    expect(endings).toEqual(["broken"]);
    expect(worker.requests).toEqual([]);
  });

  it("lets a worker's running answer end after it was forgotten", async () => {
    const worker = await peer((socket) =>
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
    );
    const to = client();
    const { body } = await send(to, worker).answer;
    to.forget("w");
    worker.sockets[0]?.write("4\r\nrest\r\n0\r\n\r\n");
    expect(body === null ? "" : await text(body)).toBe("halfrest");
    const [socket] = worker.sockets;
    if (socket !== undefined && !socket.closed) await once(socket, "close");
  });

  describe("with a stream that comes fast", () => {
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

    /** A stream of which "a" and "b" have come in the same moment. */
    async function fastStream() {
      const worker = await peer((socket) =>
        socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk("a")}`),
      );
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
      releases.push(async () => vi.useRealTimers());
      vi.advanceTimersByTime(1_000);
      const abort = new AbortController();
      const { answer, endings } = send(client(), worker, { signal: abort.signal });
      const { body } = await answer;
      const pieces: string[] = [];
      body?.on("data", (bytes: Buffer) => pieces.push(bytes.toString()));
      const [socket] = worker.sockets;
      await vi.waitUntil(() => pieces.length === 1);
      socket?.write(chunk("b"));
      await vi.waitUntil(() => pieces.length === 2);
      return { pieces, socket, body, endings, abort };
    }

    it("gathers what comes within a moment, and passes on what comes first", async () => {
      const { pieces, socket, body, endings } = await fastStream();
      expect(pieces).toEqual(["a", "b"]);
      for (const each of ["c", "d", "e"]) {
        await new Promise<void>((resolve) => void socket?.write(chunk(each), () => resolve()));
      }
      expect(pieces).toEqual(["a", "b"]);
      vi.advanceTimersByTime(gatherMs);
      await vi.waitUntil(() => pieces.length > 2);
      expect(pieces).toEqual(["a", "b", "cde"]);
      socket?.write("0\r\n\r\n");
      vi.advanceTimersByTime(gatherMs);
      await vi.waitUntil(() => body?.closed);
      expect(endings).toEqual(["complete"]);
    });

    it("loses nothing where the worker dies in that moment", async () => {
      const { pieces, socket, body, endings } = await fastStream();
      socket?.end(chunk("c"));
      vi.advanceTimersByTime(gatherMs);
      await vi.waitUntil(() => body?.closed);
      expect(pieces.join("")).toBe("abc");
      expect(body?.errored).toMatchObject({ code: "upstream_failed" });
      expect(endings).toEqual(["unreachable"]);
    });

    it("ends at once where its request is aborted in that moment", async () => {
      const { body, endings, abort } = await fastStream();
      abort.abort(new Error("enough"));
      expect(endings).toEqual(["aborted"]);
      await vi.waitUntil(() => body?.closed);
      vi.advanceTimersByTime(gatherMs);
    });
  });
});

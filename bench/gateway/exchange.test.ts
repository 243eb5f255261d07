import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { type Ask, exchange, type Target } from "./exchange";
import { LoadConnections } from "./load-connections";
import { readScript, scriptedTokens } from "./scripted-text";
import { createScriptedUpstream } from "./scripted-upstream";

/** The load must take what is right and notice everything that is not: otherwise "all right" would mean nothing. */

const ask: Ask = { isStream: true, tokens: 24, delayMs: 0, set: "hard", timeoutMs: 5_000 };
const seed = 7;
const releases: (() => unknown)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0)) await release();
});

type Faulty = (parts: string[], response: ServerResponse) => void;

async function listen(server: ReturnType<typeof createServer>): Promise<Target> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  releases.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/v1/chat/completions`), headers: {}, model: "scripted" };
}

function connectTo(target: Target, changes: Partial<Ask> = {}) {
  const connections = new LoadConnections(target.url.origin);
  releases.push(() => connections.destroy());
  return { target, connections, ask: { ...ask, ...changes } };
}

const frame = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

/** A server that answers rightly but for what `spoil` does to the frames. */
async function streamFrom(spoil: Faulty) {
  const target = await listen(
    createServer(async (request, response) => {
      const body = JSON.parse(await text(request));
      const script = readScript(body.messages[0].content);
      if (script === null) throw new Error("no script");
      const tokens = scriptedTokens(script.seed, body.max_tokens, script.set);
      const parts = [...tokens.map((content) => frame({ content })), frame({}, "stop"), "data: [DONE]\n\n"];
      response.writeHead(200, { "content-type": "text/event-stream" });
      spoil(parts, response);
    }),
  );
  return connectTo(target);
}

const send = (parts: readonly string[], response: ServerResponse): void => void response.end(parts.join(""));
const spliced =
  (...change: Parameters<string[]["splice"]>): Faulty =>
  (parts, response) => {
    parts.splice(...change);
    send(parts, response);
  };

describe("a stream", () => {
  it("that is right is taken, also one byte at a time", async () => {
    const slowly: Faulty = (parts, response) => {
      for (const byte of Buffer.from(parts.join(""))) response.write(Buffer.of(byte));
      response.end();
    };
    for (const spoil of [send, slowly]) {
      const result = await exchange(await streamFrom(spoil), seed);
      expect(result.error).toBeNull();
      expect(result.gapsMs).toHaveLength(ask.tokens - 1);
    }
  });

  it.each<[string, Faulty, RegExp]>([
    ["one token lost", spliced(5, 1), /differs/],
    ["the last token lost", spliced(-3, 1), /differs/],
    ["a token twice", (parts, response) => spliced(5, 0, parts[5] ?? "")(parts, response), /differs/],
    [
      "two tokens swapped",
      (parts, response) => {
        const other = parts.findIndex((part, at) => at > 4 && part !== parts[4]);
        [parts[4], parts[other]] = [parts[other] ?? "", parts[4] ?? ""];
        send(parts, response);
      },
      /differs/,
    ],
    ["no [DONE]", spliced(-1, 1), /no \[DONE\]/],
    ["no finish_reason", spliced(-2, 1), /no finish_reason/],
    [
      "something after [DONE]",
      (parts, response) => send([...parts, frame({ content: "x" })], response),
      /after/,
    ],
    ["the last event not ended", spliced(-1, 1, "data: [DONE]\n"), /blank line/],
    ["an event that is not JSON", spliced(3, 0, "data: {oops\n\n"), /not JSON/],
    ["an error event", spliced(3, 0, 'data: {"error":{"message":"x"}}\n\n'), /error event/],
    [
      "a connection that is cut",
      (parts, response) => {
        response.write(parts.slice(0, 5).join(""), () => response.socket?.resetAndDestroy());
      },
      /cut short|failed/,
    ],
    ["bytes that are not UTF-8", (_, response) => response.end(Buffer.from([0xff])), /UTF-8/],
  ])("with %s is noticed", async (_name, spoil, message) => {
    const result = await exchange(await streamFrom(spoil), seed);
    expect(result.error).toMatch(message);
  });

  it("that hangs is given up", async () => {
    const connection = await streamFrom((parts, response) => void response.write(parts[0]));
    connection.ask.timeoutMs = 50;
    expect((await exchange(connection, seed)).error).toMatch(/no end within/);
  });
});

describe("any answer", () => {
  it("of the scripted upstream is right, whole and streamed, with every set of texts", async () => {
    const target = await listen(createScriptedUpstream());
    for (const set of ["plain", "mixed", "hard"] as const) {
      for (const isStream of [true, false]) {
        const connection = connectTo(target, { set, isStream, tokens: 64 });
        for (const each of [1, 2, 3]) expect((await exchange(connection, each)).error).toBeNull();
      }
    }
  });

  it("that is another text or a refusal is noticed", async () => {
    const content = { choices: [{ message: { content: "other" }, finish_reason: "stop" }] };
    const other = createServer((_, response) => response.end(JSON.stringify(content)));
    const refusing = createServer((_, response) => response.writeHead(503).end("not now"));
    const whole = { isStream: false };
    expect((await exchange(connectTo(await listen(other), whole), seed)).error).toMatch(/differs at 0/);
    expect((await exchange(connectTo(await listen(refusing), whole), seed)).error).toMatch(
      /status 503.*not now/,
    );
  });

  it("is asked for once more where the server closed the kept-alive connection, and that is told", async () => {
    const upstream = createScriptedUpstream();
    const served = new WeakSet<Socket>();
    // The second request on a connection meets a reset.
    upstream.prependListener("request", ({ socket }) => {
      if (served.has(socket) && socket instanceof Socket) socket.resetAndDestroy();
      served.add(socket);
    });
    const connection = connectTo(await listen(upstream), { isStream: false });
    expect(await exchange(connection, 1)).toMatchObject({ error: null, isRetried: false });
    expect(await exchange(connection, 2)).toMatchObject({ error: null, isRetried: true });
  });
});

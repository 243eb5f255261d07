import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Writable } from "node:stream";
import pino from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { busyMachine, eventually } from "../../test-support";
import { chat, closeAll, closers, front, key, POST, post, serve } from "./test-front";
import { attachEngine, plainRoutes, type Route, ScriptedUpstream, status } from "./test-support";

vi.setConfig(busyMachine);
afterEach(closeAll);

const manners = {
  resets: (socket: Socket) => socket.resetAndDestroy(),
  "closes its half of": (socket: Socket) => socket.end(),
};

/** An HTTP server by hand, which ends a connection at its second request, or at its first. */
async function ending(
  atRequest: number,
  end: (socket: Socket) => unknown,
): Promise<{ origin: string; requests: string[] }> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    let served = 0;
    socket.on("data", (data) => {
      const line = data.toString("latin1").split("\r\n", 1)[0] ?? "";
      // A request may come in several pieces; only its first one has this line.
      if (!/HTTP\/1\.1$/.test(line)) return;
      requests.push(line);
      served++;
      if (line.startsWith("POST") && served >= atRequest) {
        end(socket);
        return;
      }
      const body = line.startsWith("GET /v1/models") ? '{"data":[{"id":"model-x"}]}' : "{}";
      const found = body === "{}" && line.startsWith("GET") ? "404 Not Found" : "200 OK";
      socket.write(
        `HTTP/1.1 ${found}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

describe("a connection that the engine closes", () => {
  const posts = (requests: readonly string[]) => requests.filter((line) => line.startsWith("POST"));

  it.each(Object.entries(manners))("while it lies idle costs no request: it %s it", async (_name, end) => {
    const upstream = await ending(2, end);
    const { server } = await serve(upstream, {});
    const response = await post(server, chat());
    expect([response.status, await response.text()]).toEqual([200, "{}"]);
    expect(posts(upstream.requests)).toHaveLength(2);
  });

  it.each(Object.entries(manners))(
    "at each request is tried once more, not for ever: it %s it",
    async (_name, end) => {
      const upstream = await ending(1, end);
      const { server } = await serve(upstream, {});
      const response = await post(server, chat());
      expect(response.status).toBe(503);
      expect(posts(upstream.requests)).toHaveLength(2);
    },
  );
});

describe("the engine's key", () => {
  it("is in no log, error, registration or status, whatever goes wrong", async () => {
    let said = "";
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        said += chunk.toString();
        done();
      },
    });
    const logger = pino({ level: "trace" }, sink);
    const echo: Route = ({ headers }, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `You sent ${headers.authorization}` } }));
    };
    const { server, engine, upstream } = await front({ [POST]: echo }, { apiKey: key, logger, probeMs: 5 });
    said += await (await post(server, chat())).text();
    for (const route of [
      status(401, `"${key}"`),
      status(500, key),
      status(200, key, { "content-type": key }),
    ]) {
      upstream.routes[POST] = route;
      said += await (await post(server, chat())).text();
    }
    upstream.routes["GET /v1/models"] = status(401, {
      error: { message: `Incorrect API key provided: ${key}` },
    });
    await eventually(() => engine.isAvailable).toBe(false);
    said += JSON.stringify([
      engine.info(),
      engine.models(),
      engine.status(),
      await (await fetch(`${server.url}/health`)).json(),
    ]);
    expect(said).toContain("is away");
    expect(said).toContain("You sent Bearer ***");
    expect(said).not.toContain(key);
  });

  it("is sent nowhere else by a redirect", async () => {
    const elsewhere = await new ScriptedUpstream({}).start();
    closers.push(() => elsewhere.stop());
    const moved = status(307, "", { location: `${elsewhere.origin}/v1/chat/completions` });
    const { server } = await front({ [POST]: moved }, { apiKey: key });
    expect((await post(server, chat())).status).toBe(502);
    expect(elsewhere.seen).toEqual([]);
  });
});

describe("an engine that goes away", () => {
  it("is noticed, and again when it is back with other models", async () => {
    const { upstream, engine, server } = await front({}, { probeMs: 10 });
    const changes: unknown[] = [];
    engine.onChange(() => changes.push([engine.isAvailable, engine.models().map(({ name }) => name)]));
    await upstream.stop();
    await eventually(() => changes).toEqual([[false, ["model-x"]]]);
    expect((await post(server, chat())).status).toBe(503);
    const health = await fetch(`${server.url}/health`);
    expect([health.status, await health.json()]).toMatchObject([503, { status: "engine_away" }]);
    Object.assign(upstream.routes, plainRoutes("model-y"));
    await upstream.start();
    await eventually(() => changes).toEqual([
      [false, ["model-x"]],
      [true, ["model-y"]],
    ]);
    upstream.routes["GET /v1/models"] = { data: [{ id: "model-y" }, { id: "model-z" }] };
    await eventually(() => changes.at(-1)).toEqual([true, ["model-y", "model-z"]]);
    upstream.routes["GET /v1/models"] = { data: [] };
    await eventually(() => changes.at(-1)).toEqual([false, []]);
  });

  it("is waited for when it is not there yet, and the log says so, but not at every try", async () => {
    const upstream = await new ScriptedUpstream(plainRoutes()).start();
    await upstream.stop();
    closers.push(() => upstream.stop());
    const lines: string[] = [];
    const logger = pino({ level: "warn" }, { write: (line) => lines.push(line) });
    const tries: number[] = [];
    const backoff = {
      capMs: 1,
      get firstMs() {
        return tries.push(1);
      },
    };
    const engine = attachEngine(upstream, { logger, backoff });
    closers.push(() => engine.dispose());
    const loaded = engine.load();
    await eventually(() => tries.length).toBeGreaterThan(20);
    expect(lines[0]).toMatch(/"reason":"ECONNREFUSED".*waiting for the engine at http:/);
    expect(lines.length).toBeLessThan(tries.length / 2);
    await upstream.start();
    await loaded;
    expect(engine.models()).toHaveLength(1);
  });

  it("can be waited for no longer", async () => {
    const upstream = await new ScriptedUpstream({}).start();
    await upstream.stop();
    const engine = attachEngine(upstream);
    const loaded = engine.load();
    await engine.dispose();
    await loaded;
    expect(engine.models()).toEqual([]);
  });

  it("is looked at as soon as it fails a request", async () => {
    const { upstream, engine, server } = await front({});
    await upstream.stop();
    expect((await post(server, chat())).status).toBe(503);
    // The next look by the clock would be in an hour.
    await eventually(() => engine.isAvailable).toBe(false);
    await upstream.start();
    await eventually(() => engine.isAvailable).toBe(true);
  });

  it("is not away for one slow look, nor for ill health that passes", async () => {
    const health: number[] = [200, 500, 200, 500, 500];
    const { engine } = await front(
      {
        "GET /v1/models": { data: [{ id: "model-x", owned_by: "vllm" }] },
        "GET /health": (_request, response) => response.writeHead(health.shift() ?? 200).end(),
      },
      { probeMs: 5 },
    );
    const left: number[] = [];
    engine.onChange(() => left.push(health.length));
    await eventually(() => left).toEqual([0, 0]);
    expect(engine.isAvailable).toBe(true);
  });
});

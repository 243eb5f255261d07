import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { MockEngine } from "../engine/mock";
import type { GenerateChunk, GenerateRequest } from "../engine/types";
import { busyMachine, eventually } from "../test-support";
import { chatBody, listen, mockEngine, mockModel, type TestServer, testSecret } from "./test-support";

vi.setConfig(busyMachine);

/** Makes text as fast as it is taken, without an end. */
class EndlessEngine extends MockEngine {
  chunks = 0;
  #busy = 0;

  constructor() {
    super({ model: mockModel, scenario: "plain", delayMs: 0, slots: 1 });
  }

  override status() {
    return { busySlots: this.#busy, queued: 0, tokensPerSecond: null };
  }

  override async *generate(
    _request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void> {
    this.#busy++;
    try {
      for (; !signal.aborted; this.chunks++) {
        await new Promise((resolve) => setImmediate(resolve));
        yield { kind: "text", text: "x".repeat(1000) };
      }
    } finally {
      this.#busy--;
    }
  }
}

/** Says one word, and the rest when it is let go. */
class HeldEngine extends MockEngine {
  letGo: () => void = () => undefined;
  readonly #held = new Promise<void>((resolve) => {
    this.letGo = resolve;
  });

  constructor() {
    super({ model: mockModel, scenario: "instant", delayMs: 0, slots: 1 });
  }

  override async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void> {
    yield { kind: "text", text: "Well, " };
    await this.#held;
    yield* super.generate(request, signal);
  }
}

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close(0);
});

async function serve(...given: Parameters<typeof listen>): Promise<TestServer> {
  const server = await listen(...given);
  servers.push(server);
  return server;
}

/** A request over a bare socket; resolves when the first bytes of the answer are there. */
async function begin(
  server: TestServer,
  body: Record<string, unknown>,
): Promise<{ socket: Socket; first: string }> {
  const socket = connect({ port: Number(new URL(server.url).port), host: "127.0.0.1", allowHalfOpen: true });
  send(socket, body);
  const [data] = (await once(socket, "data")) as [Buffer];
  return { socket, first: data.toString() };
}

function send(socket: Socket, body: Record<string, unknown>): void {
  const text = JSON.stringify(body);
  const head = [
    "POST /v1/chat/completions HTTP/1.1",
    "host: x",
    `authorization: Bearer ${testSecret}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
}

describe("a client that goes away", () => {
  it.each([
    ["resets the connection", (socket: Socket) => socket.resetAndDestroy()],
    ["closes the connection", (socket: Socket) => socket.destroy()],
    ["closes its own half only", (socket: Socket) => socket.end()],
  ])("frees the slot when it %s", async (_name, leave) => {
    const engine = mockEngine("stall", 1);
    const server = await serve(engine);
    const { socket, first } = await begin(server, chatBody({ stream: true }));
    expect(first).toContain("HTTP/1.1 200 OK");
    expect(engine.status().busySlots).toBe(1);
    leave(socket);
    await eventually(() => engine.status().busySlots).toBe(0);
    socket.destroy();
  });

  it("frees the slot of an answer that is not streamed, and the place in the queue of one that waits", async () => {
    const engine = mockEngine("stall", 1);
    const server = await serve(engine);
    const [first, second] = [0, 1].map(() => {
      const socket = connect({ port: Number(new URL(server.url).port), host: "127.0.0.1" });
      send(socket, chatBody());
      return socket;
    });
    await eventually(() => engine.status()).toMatchObject({ busySlots: 1, queued: 1 });
    second?.destroy();
    await eventually(() => engine.status()).toMatchObject({ busySlots: 1, queued: 0 });
    first?.destroy();
    await eventually(() => engine.status()).toMatchObject({ busySlots: 0, queued: 0 });
  });

  it("leaves the others alone", async () => {
    const engine = mockEngine("stall", 2);
    const server = await serve(engine);
    const one = await begin(server, chatBody({ stream: true }));
    const other = await begin(server, chatBody({ stream: true }));
    one.socket.destroy();
    await eventually(() => engine.status().busySlots).toBe(1);
    expect(other.socket.destroyed).toBe(false);
    other.socket.destroy();
  });
});

describe("a worker that is severed", () => {
  it("cuts the connection without an end of the stream", async () => {
    const server = await serve(mockEngine("dies", 4, 1));
    const response = await fetch(`${server.url}/v1/chat/completions`, post(chatBody({ stream: true })));
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrowError("terminated");
  });
});

describe("a slow reader", () => {
  it("holds its own answer up instead of growing memory", async () => {
    const engine = new EndlessEngine();
    const server = await serve(engine);
    const { socket } = await begin(server, chatBody({ stream: true }));
    socket.pause();
    const counts: number[] = [];
    const hasStopped = (): boolean => {
      counts.push(engine.chunks);
      return counts.at(-1) === counts.at(-2);
    };
    await expect.poll(hasStopped, { interval: 100, timeout: 20_000 }).toBe(true);
    // What the kernel and two stream buffers hold, at 1,000 characters a chunk; without limit it would go on.
    expect(engine.chunks).toBeLessThan(20_000);
    socket.destroy();
    await eventually(() => engine.status().busySlots).toBe(0);
  });

  it("that sends requests ahead of the answers leaves no slot behind when it goes", async () => {
    const engine = mockEngine("stall", 1);
    const server = await serve(engine);
    const { socket } = await begin(server, chatBody({ stream: true }));
    send(socket, chatBody({ stream: true }));
    send(socket, chatBody());
    await eventually(() => engine.status()).toMatchObject({ busySlots: 1, queued: 2 });
    socket.destroy();
    await eventually(() => engine.status()).toMatchObject({ busySlots: 0, queued: 0 });
  });
});

describe("a drain", () => {
  it("lets running streams end and refuses new ones", async () => {
    const engine = new HeldEngine();
    const server = await listen(engine);
    const running = await fetch(`${server.url}/v1/chat/completions`, post(chatBody({ stream: true })));
    const closed = server.close(600_000);
    const refused = await server.app.inject({
      method: "POST",
      url: "/v1/chat/completions",
      headers: { authorization: `Bearer ${testSecret}` },
      payload: chatBody(),
    });
    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ error: { code: "shutting_down" } });
    engine.letGo();
    expect(await running.text()).toMatch(/data: \[DONE\]\n\n$/);
    await closed;
  });

  it("ends streams that take longer with an error", async () => {
    const engine = mockEngine("stall");
    const server = await listen(engine);
    const response = await fetch(`${server.url}/v1/chat/completions`, post(chatBody({ stream: true })));
    await server.close(0);
    expect(await response.text()).toMatch(/event: error\ndata: .*"code":"shutting_down".*\n\n$/);
    expect(engine.status().busySlots).toBe(0);
  });
});

function post(body: Record<string, unknown>): RequestInit {
  return {
    method: "POST",
    headers: { authorization: `Bearer ${testSecret}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

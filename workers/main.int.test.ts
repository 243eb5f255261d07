import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { childEnv } from "@/lib/env";
import type { WorkerMessage } from "./tell";
import { eventually } from "./test-support";

/** The worker as a process: what the launcher and an operator see of it. */

const demo = "workers/models/demo-1m-q8_0.gguf";
const secret = "s".repeat(40);
const workerId = "0199d0a0-0000-7000-8000-000000000002";

let controller: Server;
let folder: string;
const calls: string[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-test-"));
  controller = createServer((request, response) => {
    calls.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    request.resume();
    request.on("end", () => {
      if (request.method === "DELETE") return response.writeHead(204).end();
      return response.end(JSON.stringify({ workerId, secret, heartbeatMs: 50 }));
    });
  });
  controller.listen(0, "127.0.0.1");
  await once(controller, "listening");
});
afterEach(() => {
  calls.length = 0;
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(async () => {
  controller.closeAllConnections();
  controller.close();
  await rm(folder, { recursive: true });
});

type Worker = {
  child: ChildProcess;
  /** The first message over the channel. */
  message: Promise<WorkerMessage>;
  exit: Promise<{ code: number | null; stderr: string; stdout: string }>;
};

function start(args: readonly string[], env: Record<string, string | undefined> = {}): Worker {
  const { port } = controller.address() as AddressInfo;
  const child = spawn(process.execPath, ["--import", "tsx", "workers/main.ts", ...args], {
    env: childEnv({
      ARENA_CONTROLLER_URL: `http://127.0.0.1:${port}`,
      ARENA_JOIN_TOKEN: "a-join-token-of-the-test",
      ARENA_WORKER_PORT: "0",
      ARENA_LOG_LEVEL: "info",
      ...env,
    }),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  children.push(child);
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (data: Buffer) => {
    output.stdout += data.toString();
  });
  child.stderr?.on("data", (data: Buffer) => {
    output.stderr += data.toString();
  });
  return {
    child,
    message: once(child, "message").then(([message]) => message as WorkerMessage),
    exit: once(child, "close").then(([code]) => ({ code: code as number | null, ...output })),
  };
}

async function ready(worker: Worker): Promise<string> {
  const message = await worker.message;
  if (message.type !== "ready") throw new Error(JSON.stringify(message));
  return message.url;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function isListening(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false; // Not yet.
  }
}

function ask(url: string, body: Record<string, unknown>): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

describe("a worker process", () => {
  it("says when it is ready, registers, answers, and leaves on SIGTERM after its running streams", async () => {
    const worker = start(["llama", "--model", demo, "--tag", "demo"], { ARENA_DRAIN_MS: "60000" });
    expect(await worker.message).toEqual({
      type: "ready",
      models: ["demo-1m"],
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    const url = await ready(worker);
    await eventually(() => calls).toContain(`POST /api/workers/${workerId}/heartbeat Bearer ${secret}`);
    const messages = [{ role: "user", content: "Tell me a story." }];
    const response = await ask(url, {
      model: "demo-1m",
      messages,
      stream: true,
      ignore_eos: true,
      max_tokens: 300,
    });
    worker.child.kill("SIGTERM");
    expect(await response.text()).toMatch(/"finish_reason":"length".*\n\ndata: \[DONE\]\n\n$/);
    expect(await worker.exit).toMatchObject({ code: 0, stderr: "" });
    expect(calls[0]).toBe("POST /api/workers Bearer a-join-token-of-the-test");
    expect(calls.at(-1)).toBe(`DELETE /api/workers/${workerId} Bearer ${secret}`);
  });

  it("cuts streams off that outlast the drain", async () => {
    const worker = start(["mock", "--name", "m", "--scenario", "stall"], { ARENA_DRAIN_MS: "0" });
    const url = await ready(worker);
    await eventually(() => calls.length).toBeGreaterThan(1);
    const response = await ask(url, {
      model: "m",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
    });
    worker.child.kill("SIGINT");
    expect(await response.text()).toContain('"code":"shutting_down"');
    expect((await worker.exit).code).toBe(0);
  });

  it("ends when its parent is gone", async () => {
    const worker = start(["mock", "--name", "m"]);
    await ready(worker);
    // Not "close": that event waits for a channel that is gone already.
    const exit = once(worker.child, "exit");
    worker.child.disconnect();
    expect(await exit).toEqual([0, null]);
  });

  it("starts itself again with a larger thread pool for many slots, and is one worker to its parent", async () => {
    const worker = start(["llama", "--model", demo, "--slots", "6"], { UV_THREADPOOL_SIZE: undefined });
    const url = await ready(worker);
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ slots: 6 });
    worker.child.kill("SIGTERM");
    expect((await worker.exit).code).toBe(0);
  });

  it("waits for a controller that is not there, serves nobody meanwhile, and can be stopped", async () => {
    const port = await freePort();
    const worker = start(["mock", "--name", "m"], {
      ARENA_CONTROLLER_URL: "http://127.0.0.1:9",
      ARENA_WORKER_PORT: String(port),
    });
    const url = `http://127.0.0.1:${port}`;
    await eventually(() => isListening(url)).toBe(true);
    expect((await ask(url, {})).status).toBe(401);
    worker.child.kill("SIGTERM");
    expect((await worker.exit).code).toBe(0);
  });
});

describe("a worker that cannot run", () => {
  it.each([
    ["is missing", async () => join(folder, "absent.gguf"), /cannot be read: it does not exist\.$/],
    [
      "is no GGUF",
      async () => {
        await writeFile(join(folder, "text.gguf"), "hello");
        return join(folder, "text.gguf");
      },
      /is not a GGUF model\.$/,
    ],
    [
      "is cut off",
      async () => {
        const path = join(folder, "cut.gguf");
        await writeFile(path, (await readFile(demo)).subarray(0, 400_000));
        return path;
      },
      /cannot be loaded: .*not within the file bounds.*\.$/,
    ],
    [
      "is cut off in its header",
      async () => {
        const path = join(folder, "header.gguf");
        await writeFile(path, (await readFile(demo)).subarray(0, 3000));
        return path;
      },
      /cannot be loaded: .*\.$/,
    ],
    [
      "has a damaged header",
      async () => {
        const path = join(folder, "damaged.gguf");
        await writeFile(path, await readFile(demo));
        const file = await open(path, "r+");
        await file.write(Buffer.alloc(64, 0xff), 0, 64, 8);
        await file.close();
        return path;
      },
      /cannot be loaded: the file is damaged\.$/,
    ],
  ])("says in one sentence that the file %s", async (_name, file, sentence) => {
    const worker = start(["llama", "--model", await file()]);
    const { code, stderr } = await worker.exit;
    expect({ code, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 1, lines: 1 });
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(await worker.message).toEqual({ type: "failed", message: stderr.trimEnd() });
  });

  it("will not tell a server on another machine that it is reached at 127.0.0.1", async () => {
    const { code, stderr } = await start(["mock", "--name", "m"], {
      ...{ ARENA_CONTROLLER_URL: "http://192.0.2.1:3000", ARENA_WORKER_HOST: "127.0.0.1" },
    }).exit;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^http:\/\/192\.0\.2\.1:3000 is not on this machine.*ARENA_WORKER_HOST.*\n$/);
  });

  it("needs a join token", async () => {
    const { code, stderr } = await start(["mock", "--name", "m"], { ARENA_JOIN_TOKEN: undefined }).exit;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "ARENA_JOIN_TOKEN is not set: a worker needs the controller's join token.\n",
    });
  });

  it("says that there is no such GPU", async () => {
    const { code, stderr } = await start(["llama", "--model", demo, "--gpu", "999"]).exit;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^There is no GPU 999: the library found no GPU under that number\. .*--gpu off.*\n$/m,
    );
  });

  it("refuses an unknown option", async () => {
    const { code, stderr } = await start(["llama", "--modell", "x"]).exit;
    expect({ code, stderr }).toEqual({ code: 2, stderr: "Unknown option '--modell'. Try --help.\n" });
  });

  it("says when its port is taken", async () => {
    const { port } = controller.address() as AddressInfo;
    const { code, stderr } = await start(["mock", "--name", "m"], { ARENA_WORKER_PORT: String(port) }).exit;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `The worker cannot listen on 127.0.0.1:${port}: the port is taken.\n`,
    });
  });
});

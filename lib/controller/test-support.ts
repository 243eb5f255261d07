import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { v7 as uuidv7 } from "uuid";
import type { RegisterRequest } from "@/lib/protocol";
import {
  type ControllerDeps,
  type ControllerEnv,
  type ControllerService,
  createController,
} from "./controller";
import type { WorkerRecord } from "./core/types";
import type { WorkerStore } from "./ports";
import type { DispatchRequest } from "./types";

/** For tests: a registry in memory, a controller over it, and workers that are scripted HTTP servers. */

export const testJoinToken = "join-token-of-the-tests";

export function createMemoryRegistry(): WorkerStore & { rows: Map<string, WorkerRecord> } {
  const rows = new Map<string, WorkerRecord>();
  return {
    rows,
    register: async (request, now) => {
      for (const row of rows.values()) {
        const isOfToken = row.joinTokenId === (request.joinTokenId ?? null);
        if (row.url === request.url && row.instanceId !== request.instanceId && isOfToken) row.leftAt ??= now;
      }
      const known = [...rows.values()].find((row) => row.instanceId === request.instanceId);
      const row: WorkerRecord = {
        ...request,
        pool: request.pool ?? "default",
        id: known?.id ?? uuidv7(),
        busySlots: 0,
        queued: 0,
        tokensPerSecond: null,
        registeredAt: now,
        heartbeatAt: now,
        leftAt: null,
        order: known?.order ?? "serving",
        joinTokenId: request.joinTokenId ?? null,
      };
      rows.set(row.id, row);
      return row;
    },
    heartbeat: async (workerId, report, now) => {
      const row = rows.get(workerId);
      if (row === undefined || row.leftAt !== null) return null;
      Object.assign(row, report, { heartbeatAt: now });
      return { ...row };
    },
    leave: async (workerId, now) => {
      const row = rows.get(workerId);
      if (row !== undefined) row.leftAt ??= now;
    },
    get: async (workerId) => {
      const row = rows.get(workerId);
      return row === undefined ? null : { ...row };
    },
    list: async (since) => [...rows.values()].filter((row) => (row.leftAt ?? row.heartbeatAt) >= since),
  };
}

/** A controller that is not started: no timers, no probes. */
export function createTestController(
  deps: Partial<ControllerDeps> & {
    upstreamTimeoutMs?: number;
    wholeAnswerTimeoutMs?: number;
    heartbeatMs?: number;
    queueLimit?: number;
    queueDeadlineMs?: number;
    policy?: ControllerEnv["ARENA_DISPATCH_POLICY"];
  } = {},
): ControllerService {
  return createController({
    env: {
      ARENA_SECRET: "a secret of the tests, 32 characters",
      ARENA_JOIN_TOKEN: testJoinToken,
      ARENA_WORKER_NETWORKS: ["127.0.0.0/8"],
      ARENA_HEARTBEAT_MS: deps.heartbeatMs ?? 10_000,
      ARENA_UPSTREAM_TIMEOUT_MS: deps.upstreamTimeoutMs ?? 5_000,
      ARENA_WHOLE_ANSWER_TIMEOUT_MS: deps.wholeAnswerTimeoutMs,
      ARENA_QUEUE_LIMIT: deps.queueLimit,
      ARENA_QUEUE_DEADLINE_MS: deps.queueDeadlineMs,
      ARENA_DISPATCH_POLICY: deps.policy,
    },
    store: createMemoryRegistry(),
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: new Registry(),
    ...deps,
  });
}

export function registration(url: string, changes: Partial<RegisterRequest> = {}): RegisterRequest {
  return {
    instanceId: uuidv7(),
    url,
    engine: "mock",
    version: "1",
    device: "none",
    slots: 4,
    models: [offeredModel("demo")],
    ...changes,
  };
}

export function offeredModel(name: string): RegisterRequest["models"][number] {
  return {
    name,
    displayName: name,
    organization: "tests",
    licence: null,
    contextLength: 2048,
    capabilities: ["chat"],
    tags: [],
  };
}

export type ScriptedRequest = { path: string; headers: IncomingMessage["headers"]; body: string };

export type ScriptedWorker = {
  url: string;
  /** Completion requests in order of arrival; `/v1/models` is answered without the script. */
  requests: ScriptedRequest[];
  /** Answers that have neither ended nor lost their connection. */
  open: ReadonlySet<ServerResponse>;
  /** Connections accepted so far. */
  connections(): number;
  close(): Promise<void>;
};

export type Script = (response: ServerResponse, request: ScriptedRequest, number: number) => void;

/**
 * An HTTP server on a free port of 127.0.0.1 that answers as the script says.
 *
 * @param takes Whether it takes a secret, where that is asked for at `/v1/models`. Default: any.
 */
export async function startScriptedWorker(
  script: Script,
  takes: (secret: string) => boolean = () => true,
): Promise<ScriptedWorker> {
  const requests: ScriptedRequest[] = [];
  const open = new Set<ServerResponse>();
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming) body += String(chunk);
    if (incoming.url === "/v1/models") {
      const isTaken = takes(incoming.headers.authorization?.replace("Bearer ", "") ?? "");
      response
        .writeHead(isTaken ? 200 : 401, { "content-type": "application/json" })
        .end('{"object":"list","data":[]}');
      return;
    }
    open.add(response);
    response.on("close", () => open.delete(response));
    const request = { path: incoming.url ?? "", headers: incoming.headers, body };
    requests.push(request);
    script(response, request, requests.length);
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    open,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An address at which nobody listens. */
export async function refusingUrl(): Promise<{ url: string }> {
  const worker = await startScriptedWorker(() => undefined);
  await worker.close();
  return { url: worker.url };
}

export const answerOk: Script = (response) => {
  response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
};

export const answerStatus =
  (status: number, headers: Record<string, string> = {}): Script =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(`{"error":{"message":"status ${status}"}}`);
  };

/** Begins a stream and leaves it open. */
export const beginStream: Script = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("data: 1\n\n");
};

export function dispatchRequest(changes: Partial<DispatchRequest> = {}): DispatchRequest {
  return {
    model: "demo",
    path: "/v1/chat/completions",
    body: Buffer.from('{"model":"demo"}'),
    requestId: "request-1",
    priority: "batch",
    signal: new AbortController().signal,
    ...changes,
  };
}

export function outstanding(controller: ControllerService): number[] {
  return controller.workers().map((worker) => worker.outstanding);
}

export function healths(controller: ControllerService): Record<string, string> {
  return Object.fromEntries(controller.workers().map(({ id, health }) => [id, health]));
}

/** Makes controllers and workers, and closes them all, the latest first. */
export class TestFleet {
  readonly #cleanups: (() => Promise<void>)[] = [];

  controller(options: Parameters<typeof createTestController>[0] = {}): ControllerService {
    const controller = createTestController(options);
    this.#cleanups.push(() => controller.close());
    return controller;
  }

  async worker(script: Script): Promise<ScriptedWorker> {
    const worker = await startScriptedWorker(script);
    this.#cleanups.push(worker.close);
    return worker;
  }

  /** In this order, so the first is tried first: all are idle and none has been used. Gives their ids. */
  async register(controller: ControllerService, ...workers: { url: string }[]): Promise<string[]> {
    const ids: string[] = [];
    for (const { url } of workers) {
      const { workerId } = await controller.register(testJoinToken, registration(url));
      ids.push(workerId);
    }
    return ids;
  }

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }
}

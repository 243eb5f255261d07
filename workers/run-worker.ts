import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import pino, { type Logger } from "pino";
import type { WorkerEnv } from "@/lib/env";
import { isAppError } from "@/lib/errors";
import { type RegisterRequest, registerRequestSchema } from "@/lib/protocol";
import type { WorkerCommand } from "./cli";
import { createEngine } from "./create-engine";
import { type ForwardingEngine, isForwarding } from "./engine/forwarding-engine";
import type { Engine } from "./engine/types";
import { createWorkerServer, type WorkerServer } from "./http";
import { backoffMs, createControllerClient, Lifecycle } from "./lifecycle";
import { type OwnAddress, ownAddress } from "./own-address";
import { tell } from "./tell";

/** One a process: it keeps its id at the controller, however often it registers. */
const instanceId = randomUUID();

/** Exit code after which a supervisor starts the worker again at once: EX_TEMPFAIL of sysexits.h. */
export const restartExitCode = 75;

/**
 * Loads, serves and registers; resolves after a drain, to the exit code: 0, or {@link restartExitCode} where the operator
 * has ordered a restart. Errors: an `Error` with one clear sentence.
 */
export async function runWorker(command: WorkerCommand, env: WorkerEnv): Promise<number> {
  let restart: () => void = () => undefined;
  const ordered = new Promise<"restart">((resolve) => {
    restart = () => resolve("restart");
  });
  const stopped = Promise.race([stopSignal(), ordered]);
  const gpu = command.engine === "llama" && typeof command.gpu === "number" ? { gpu: command.gpu } : {};
  const logger = pino({
    level: env.ARENA_LOG_LEVEL,
    base: { worker: command.name ?? command.engine, ...gpu },
  });
  if (env.ARENA_JOIN_TOKEN === undefined) {
    throw new Error("ARENA_JOIN_TOKEN is not set: a worker needs the controller's join token.");
  }
  // Before minutes of loading: an address that nobody can reach is a mistake to be told at once.
  const place = await Promise.race([findPlace(command, env, logger), stopped]);
  if (typeof place === "string") return 0;
  const engine = await createEngine(command, logger);
  // Loading can take minutes and cannot be aborted; told to stop before its end, the process just exits.
  if ((await Promise.race([engine.load(), stopped])) !== undefined) return 0;
  let lifecycle: Lifecycle | null = null;
  let server: WorkerServer | null = null;
  let url: string;
  if ("engineUrl" in place) url = place.engineUrl;
  else {
    server = createWorkerServer({ engine, logger, secret: () => lifecycle?.secret ?? null });
    const { port } = await server.listen(place.listenHost, env.ARENA_WORKER_PORT);
    url = command.url ?? urlOf(place.reachableHost, port);
  }
  lifecycle = new Lifecycle({
    client: createControllerClient(env.ARENA_CONTROLLER_URL, env.ARENA_JOIN_TOKEN),
    registration: registrationOf(engine, url, command.pool),
    report: () => engine.status(),
    onOrder: (order) => {
      server?.pause(order === "draining" || order === "restarting");
      if (order === "restarting") restart();
    },
    logger,
  });
  if (isForwarding(engine)) followEngine(engine, lifecycle, url, command.pool);
  lifecycle.start();
  const models = engine.models().map((model) => model.name);
  logger.info({ models, url, ...engine.info() }, "listening");
  // Ready means that requests can come, so only once the controller knows the worker, however long that takes.
  await Promise.race([lifecycle.firstRegistered, stopped]);
  if (lifecycle.workerId !== null) await tell({ type: "ready", models, url });
  const reason = await stopped;
  const drainMs = reason === "orphaned" ? 0 : env.ARENA_DRAIN_MS;
  await drain(engine, server, lifecycle, drainMs, logger);
  return reason === "restart" ? restartExitCode : 0;
}

/**
 * Resolves when the process is told to stop. A parent that is gone takes the site with it: nobody reads the running
 * answers, and nothing is waited for. A second signal ends the process at once.
 */
function stopSignal(): Promise<"orphaned" | "signalled"> {
  return new Promise((resolve) => {
    process.once("disconnect", () => resolve("orphaned"));
    // Gone while this process was still starting: the event has been and will not come again.
    if (process.send !== undefined && !process.connected) resolve("orphaned");
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve("signalled");
      });
    }
  });
}

/** Registered is what the engine has now, and nothing while it is away. */
function followEngine(engine: ForwardingEngine, lifecycle: Lifecycle, url: string, pool: string): void {
  engine.onChange(() => lifecycle.offer(engine.isAvailable ? registrationOf(engine, url, pool) : null));
}

async function drain(
  engine: Engine | ForwardingEngine,
  server: WorkerServer | null,
  lifecycle: Lifecycle,
  drainMs: number,
  logger: Logger,
): Promise<void> {
  logger.info({ drainMs, ...engine.status() }, "draining");
  // First the controller stops sending, then new requests are refused: so none is lost on the way.
  await lifecycle.leave();
  await server?.close(drainMs);
  await engine.dispose();
  logger.info("stopped");
}

function registrationOf(engine: Engine | ForwardingEngine, url: string, pool: string): RegisterRequest {
  const { name, version, device, slots } = engine.info();
  const result = registerRequestSchema.safeParse({
    instanceId,
    url,
    engine: name,
    version,
    device,
    slots,
    pool,
    models: [...engine.models()],
  });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(`This worker cannot be registered: ${issue?.path.join(".")}: ${issue?.message}.`);
}

const addressBackoff = { firstMs: 250, capMs: 10_000 };

/**
 * Where this worker is called. Tries for ever while names cannot be resolved: a worker may start before its network. Errors:
 * `invalid_request` for an address that the servers cannot reach.
 */
async function findPlace(
  command: WorkerCommand,
  env: WorkerEnv,
  logger: Logger,
): Promise<OwnAddress | { engineUrl: string }> {
  // Nobody would call a server of this process.
  if (command.engine === "attach" && command.isDirect)
    return { engineUrl: new URL(command.engineUrl).origin };
  const options = {
    host: env.ARENA_WORKER_HOST,
    controllers: env.ARENA_CONTROLLER_URL,
    isToldByFlag: command.url !== null,
  };
  for (let attempt = 0; ; attempt++) {
    try {
      return await ownAddress(options);
    } catch (error) {
      if (!isAppError(error) || error.code !== "upstream_failed") throw error;
      if (attempt === 0) logger.warn({ err: error.cause }, `not started yet: ${error.message}`);
      await delay(backoffMs(attempt, addressBackoff, Math.random));
    }
  }
}

const urlOf = (host: string, port: number): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type LauncherEnv, releasesFolder } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { checkPort } from "./check-port";
import { joinTokenOf, noSharedToken, type Programs, serverChild, siteUrl, workerChildren } from "./children";
import { migrateDatabase, openDatabase } from "./database-step";
import { firstAdminLink } from "./first-admin-link";
import type { ChildSpec } from "./managed-child";
import { count, type Progress } from "./progress";
import { rotateLogs } from "./rotate-logs";
import { takeRunLock } from "./run-lock";
import { loadSecrets } from "./secrets";
import type { StopRequest } from "./stop-signals";
import { type Supervised, supervise } from "./supervise";

export type LaunchOptions = {
  env: LauncherEnv;
  progress: Progress;
  signals: StopRequest;
  programs: Programs;
  /** Builds the pages when there is no current build, and says whether it had to. */
  build: (logFile: string, signal: AbortSignal) => Promise<boolean>;
};

/** Registers what undoes a step; run in reverse order, however the launch ends. */
type Defer = (release: () => Promise<void>) => void;

/** What a child may take beyond its own drain limit before it is killed. */
const drainMarginMs = 5_000;

/**
 * Runs the whole site until it is told to stop, and leaves nothing running, however it ends. Told to stop before it is ready, it stops too.
 * @throws `AppError` with one sentence when a step fails.
 */
export async function launch(options: LaunchOptions): Promise<void> {
  const { progress, signals } = options;
  const releases: (() => Promise<void>)[] = [];
  try {
    await run(options, (release) => releases.push(release));
  } catch (error) {
    // Only our own abort: a step that fails while we stop is not lost.
    if (error !== signals.stop.reason) throw error;
  } finally {
    for (const release of releases.reverse()) {
      try {
        await release();
      } catch (error) {
        progress.line(`While stopping: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

async function run({ env, progress, signals, programs, build }: LaunchOptions, defer: Defer): Promise<void> {
  const dataDir = resolve(env.ARENA_DATA_DIR);
  const logs = join(dataDir, "logs");
  const lock = await takeRunLock(dataDir);
  defer(lock.release);
  const port = await checkPort(env.HOST, env.PORT);
  await mkdir(logs, { recursive: true });
  await rotateLogs(logs);
  const secrets = await readSecrets(join(dataDir, "secrets.json"), progress);
  const joinToken = joinTokenOf(secrets);
  if (env.ARENA_DEMO_WORKERS && joinToken === noSharedToken) {
    throw new AppError("invalid_request", {
      message:
        "ARENA_JOIN_TOKEN=off leaves the workers of the bundled models without a token. Set ARENA_DEMO_WORKERS=0 too.",
    });
  }
  signals.stop.throwIfAborted();

  const buildTitle = (wasNeeded: boolean) => (wasNeeded ? "Built the pages" : "Pages are up to date");
  await progress.step(buildTitle, () => build(join(logs, "build.log"), signals.stop));

  const database = await openDatabase(env.DATABASE_URL, dataDir, secrets.databasePassword, progress);
  let isStopping = false;
  if (database.embedded !== null) {
    const { embedded } = database;
    defer(async () => {
      isStopping = true;
      await embedded.stop();
      progress.line("PostgreSQL has stopped");
    });
  }
  signals.stop.throwIfAborted();
  await migrateDatabase(database.url, progress);
  signals.stop.throwIfAborted();

  const releases = resolve(releasesFolder(env));
  const inputs = { host: env.HOST, port, databaseUrl: database.url, secrets, joinToken, logs, releases };
  const server = serverChild(programs, inputs);
  const children: Supervised[] = [];
  defer(() => stopChildren(children, server.drainMs + drainMarginMs, signals.hurry, progress));
  const start = async (spec: ChildSpec): Promise<string> => {
    const child = supervise(spec, progress.line);
    children.push(child);
    return await unlessAborted(child.ready, signals.stop);
  };

  const url = siteUrl(env.HOST, port);
  const workers = env.ARENA_DEMO_WORKERS ? await workerChildren(programs, { url, joinToken, logs }) : [];
  // Together: loading a model takes as long as the server, and a worker waits for the controller by itself.
  const [link] = await Promise.all([
    unlessAborted(firstAdminLink(database.url, env.ARENA_PUBLIC_URL ?? url), signals.stop),
    progress.step("Started the server", () => start(server.spec)),
    workers.length > 0 &&
      progress.step(`Started ${count(workers.length, "worker")} for the bundled models`, () =>
        Promise.all(workers.map(start)),
      ),
  ]);
  progress.line(
    `\nChat Arena is ready at ${url} after ${progress.total()}. Ctrl-C stops it; logs are in ${logs}\n`,
  );

  if (link !== null) {
    progress.line(
      `The site has no administrator yet. Whoever opens this link within 24 hours becomes the first:\n  ${link}\n`,
    );
  }

  const databaseLost = database.embedded?.exited.then(() => {
    if (isStopping) return;
    throw new AppError("database_unavailable", {
      message: `PostgreSQL ended unexpectedly; everything stops. More in ${join(dataDir, "postgres.log")}.`,
    });
  });
  await unlessAborted(databaseLost ?? new Promise(() => undefined), signals.stop);
}

async function readSecrets(path: string, progress: Progress) {
  const { secrets, isNew, wasOpen } = await loadSecrets(path);
  if (isNew) progress.line(`Made the secrets in ${path}; keep a copy`);
  if (wasOpen) progress.line(`Closed ${path} to other users`);
  return secrets;
}

/** All at once: the server stops taking requests while the workers finish theirs. */
async function stopChildren(
  children: readonly Supervised[],
  graceMs: number,
  hurry: AbortSignal,
  progress: Progress,
): Promise<void> {
  if (children.length === 0) return;
  const begun = performance.now();
  progress.line("Stopping: running answers may end; once more to stop at once");
  const kill = (): void => {
    for (const child of children) child.kill();
  };
  hurry.addEventListener("abort", kill, { once: true });
  if (hurry.aborted) kill();
  await Promise.all(children.map((child) => child.stop(graceMs)));
  hurry.removeEventListener("abort", kill);
  progress.line(`Server and workers have stopped (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
}

/** The promise's outcome, or the signal's reason if that comes first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (abort) signal.removeEventListener("abort", abort);
  }
}

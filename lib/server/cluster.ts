import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@/lib/errors";
import { answerScrapes } from "./cluster-metrics";
import { processMessageSchema } from "./process-lifecycle";

export type ClusterOptions = {
  /** Processes that share the port. */
  size: number;
  /** How long they may take to end once told to, before they are killed. */
  graceMs: number;
  logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  toldToStop: Promise<unknown>;
  /** Called once, when every process has begun to serve. */
  onReady: (url: string) => void;
};

type Member = {
  worker: Worker;
  /** The address, once it serves; rejects with one sentence when it cannot. */
  ready: Promise<string>;
  exited: Promise<unknown>;
};

const restartWaitMs = { first: 250, most: 10_000 } as const;
/** A process that has lived so long begins to count its crashes anew. */
const stableMs = 60_000;

/**
 * Forks this program `size` times and keeps so many running, until told to stop; then all drain together. The primary
 * accepts connections and hands them to the processes in turn; it serves nothing itself.
 *
 * @throws `internal` with one sentence when a process cannot serve at the first start.
 */
export async function runCluster(options: ClusterOptions): Promise<void> {
  const { size, graceMs, logger, toldToStop, onReady } = options;
  const serving = new Set<Worker>();
  const stopping = new AbortController();
  const stopAnswering = answerScrapes(serving);

  const fork = (): Member => {
    const worker = cluster.fork();
    const exited = once(worker, "exit");
    const ready = new Promise<string>((resolve, reject) => {
      worker.on("message", (raw) => {
        const { data } = processMessageSchema.safeParse(raw);
        if (data?.type === "failed") reject(new AppError("internal", { message: data.message }));
        if (data?.type !== "ready") return;
        serving.add(worker);
        resolve(data.url);
      });
      worker.once("exit", (code, signal) => {
        serving.delete(worker);
        const how = signal ?? `exit code ${code}`;
        reject(new AppError("internal", { message: `A server process ended before it was ready (${how}).` }));
      });
    });
    return { worker, ready, exited };
  };

  const keep = async (first: Member): Promise<void> => {
    let member = first;
    let waitMs: number = restartWaitMs.first;
    for (;;) {
      const startedAt = performance.now();
      await member.exited;
      if (stopping.signal.aborted) return;
      if (performance.now() - startedAt > stableMs) waitMs = restartWaitMs.first;
      logger.warn({ member: member.worker.id, waitMs }, "a server process ended; another takes its place");
      if (!(await waited(waitMs, stopping.signal))) return;
      waitMs = Math.min(waitMs * 2, restartWaitMs.most);
      member = fork();
      report(member);
    }
  };

  const report = ({ ready, worker }: Member): void => {
    ready.then(
      () => logger.info({ member: worker.id }, "the server process serves"),
      // Its end is noticed by `keep`, which tries again.
      (error: unknown) => logger.warn({ err: error, member: worker.id }, "the server process does not serve"),
    );
  };

  const members = Array.from({ length: size }, fork);
  const keeping = members.map(keep);
  try {
    const urls = await Promise.race([
      Promise.all(members.map(({ ready }) => ready)),
      toldToStop.then(() => null),
    ]);
    if (urls === null) return;
    const [url = ""] = urls;
    onReady(url);
    logger.info({ url, size }, "all server processes serve");
    await toldToStop;
  } finally {
    stopping.abort();
    await stopAll(keeping, graceMs, logger);
    stopAnswering();
  }
}

async function stopAll(
  keeping: readonly Promise<void>[],
  graceMs: number,
  logger: ClusterOptions["logger"],
): Promise<void> {
  const running = (): Worker[] =>
    Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  for (const worker of running()) worker.process.kill("SIGTERM");
  const limit = setTimeout(() => {
    logger.warn({ graceMs }, "server processes did not end in time and are killed");
    for (const worker of running()) worker.process.kill("SIGKILL");
  }, graceMs);
  await Promise.all(keeping);
  clearTimeout(limit);
}

async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { type Ask, type Connection, type ExchangeResult, exchange, type Target } from "./exchange";
import { LoadConnections } from "./load-connections";
import { type ProcessUsage, watchProcess } from "./process-usage";

/** What one measurement has seen. */
export type Measured = {
  results: ExchangeResult[];
  wallSeconds: number;
  /** Of the server under test. */
  server: ProcessUsage | null;
  /** Of the load itself: where its lag nears the latencies, the load is the bottleneck. */
  client: { cpuSeconds: number; lagP99Ms: number };
};

type Subject = { target: Target; pid: number; signal: AbortSignal };

export type ClosedLoop = Ask & {
  connections: number;
  seconds: number;
  /** Ends the loop before its time. Default: no limit. */
  mostRequests?: number;
  /** Seed of the first request; the next ones count up. */
  seed: number;
};

/** So many connections, each asking again as soon as it has its answer, for so long. */
export function closedLoop(subject: Subject, loop: ClosedLoop): Promise<Measured> {
  return measure(subject, loop, async (connection) => {
    const until = performance.now() + loop.seconds * 1000;
    const results: ExchangeResult[] = [];
    let { seed, mostRequests: left = Number.POSITIVE_INFINITY } = loop;
    const ask = async (): Promise<void> => {
      while (left > 0 && performance.now() < until) {
        subject.signal.throwIfAborted();
        left -= 1;
        seed += 1;
        results.push(await exchange(connection, seed));
      }
    };
    await Promise.all(Array.from({ length: loop.connections }, ask));
    return results;
  });
}

export type SlowStreams = Ask & {
  streams: number;
  /** Over which they begin, evenly. */
  rampMs: number;
  seed: number;
};

/** So many streams at the same time, once each. */
export function slowStreams(subject: Subject, slow: SlowStreams): Promise<Measured> {
  return measure(subject, slow, (connection) =>
    Promise.all(
      Array.from({ length: slow.streams }, async (_, index) => {
        await delay((slow.rampMs * index) / slow.streams);
        subject.signal.throwIfAborted();
        return await exchange(connection, slow.seed + index);
      }),
    ),
  );
}

async function measure(
  { target, pid, signal }: Subject,
  ask: Ask,
  run: (connection: Connection) => Promise<ExchangeResult[]>,
): Promise<Measured> {
  if (target.url.hostname !== "127.0.0.1") throw new Error(`${target.url.host} is not on this machine.`);
  const connections = new LoadConnections(target.url.origin);
  const lag = monitorEventLoopDelay({ resolution: 5 });
  // Ends the requests under way too.
  const abort = (): void => void connections.destroy();
  signal.addEventListener("abort", abort);
  try {
    const usage = watchProcess(pid);
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    lag.enable();
    const results = await run({ target, ask, connections });
    const wallSeconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    signal.throwIfAborted();
    const client = { cpuSeconds: (user + system) / 1e6, lagP99Ms: lag.percentile(99) / 1e6 };
    return { results, wallSeconds, server: usage(), client };
  } finally {
    signal.removeEventListener("abort", abort);
    lag.disable();
    await connections.destroy();
  }
}

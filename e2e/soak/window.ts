import type { Holdings } from "../chaos/server-process";
import { type Kind, kinds, type Sample } from "./traffic";

/** What was seen in one stretch of the run. */
export type Window = {
  p50: Record<Kind, number>;
  p95: Record<Kind, number>;
  /** The longest that one request took, of each kind. */
  slowest: Record<Kind, number>;
  rssMib: number;
  /** The least of the heap that was seen: nearest to what is in use after a collection. */
  heapMib: number;
  fds: number;
  /** Milliseconds of the processor for each request, of the server and of all processes of PostgreSQL. */
  serverMs: number;
  databaseMs: number;
  bad: number;
  count: number;
  /** The rest after the last whole window: its failures count, its few samples tell no trend. */
  isPartial: boolean;
};

/** Seconds of the processor that were used so far. */
export type Work = { server: number; database: number };

/** `holdings`: looks at the server during the stretch, at least one; `work`: before the stretch and after it. */
export function windowOf(
  samples: readonly Sample[],
  holdings: readonly Holdings[],
  work: { before: Work; after: Work },
): Omit<Window, "isPartial"> {
  const last = holdings.at(-1);
  if (last === undefined) throw new Error("Nobody looked at the server.");
  const of = (share: number) =>
    Object.fromEntries(
      kinds.map((kind) => [
        kind,
        quantile(
          samples.filter((sample) => sample.kind === kind).map(({ ms }) => ms),
          share,
        ),
      ]),
    ) as Record<Kind, number>;
  return {
    p50: of(0.5),
    p95: of(0.95),
    slowest: of(1),
    rssMib: last.rssMib,
    heapMib: Math.min(...holdings.map(({ heapMib }) => heapMib)),
    fds: last.fds,
    serverMs: ((work.after.server - work.before.server) * 1000) / samples.length,
    databaseMs: ((work.after.database - work.before.database) * 1000) / samples.length,
    bad: samples.filter(({ fault }) => fault !== null).length,
    count: samples.length,
  };
}

function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

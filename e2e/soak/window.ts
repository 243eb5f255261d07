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
  bad: number;
  count: number;
  /** The rest after the last whole window: its failures count, its few samples tell no trend. */
  isPartial: boolean;
};

/** `holdings`: looks at the server during the stretch, at least one. */
export function windowOf(
  samples: readonly Sample[],
  holdings: readonly Holdings[],
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
    bad: samples.filter(({ fault }) => fault !== null).length,
    count: samples.length,
  };
}

function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

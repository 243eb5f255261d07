import { type LimitItem, type LimitStore, slicesInWindow } from "./limit-store";

type Use = { head: number; slices: number[] };

/** The same window in one process's memory: for simulations, and to check the others against. */
export function createMemoryLimits(now: () => number): LimitStore {
  const uses = new Map<string, Use>();

  const windowOf = ({ key, windowMs }: LimitItem, at: number): Use => {
    const head = Math.floor(at / sliceOf(windowMs));
    const known = uses.get(key) ?? { head, slices: [] };
    const slices = Array.from(
      { length: slicesInWindow + 1 },
      (_, age) => known.slices[age - (head - known.head)] ?? 0,
    );
    return { head, slices };
  };

  return {
    async take(items) {
      const at = now();
      const found = items.map((item) => {
        const use = windowOf(item, at);
        const used = use.slices.reduce((sum, slice) => sum + slice, 0);
        return { item, use, used, waitMs: waitOf(item, use, used, at) };
      });
      if (found.every(({ waitMs }) => waitMs === 0))
        for (const { item, use } of found) {
          use.slices[0] = (use.slices[0] ?? 0) + item.cost;
          uses.set(item.key, use);
        }
      return found.map(({ item, used, waitMs }) => ({ key: item.key, used, waitMs }));
    },
    close: async () => undefined,
  };
}

const sliceOf = (windowMs: number): number => Math.max(1, Math.floor(windowMs / slicesInWindow));

function waitOf({ windowMs, max, cost }: LimitItem, { head, slices }: Use, used: number, at: number): number {
  if (used + cost <= max) return 0;
  let freed = 0;
  for (let age = slicesInWindow; age >= 0; age--) {
    freed += slices[age] ?? 0;
    if (used - freed + cost <= max)
      return Math.max(1, (head - age + slicesInWindow + 1) * sliceOf(windowMs) - at);
  }
  return windowMs;
}

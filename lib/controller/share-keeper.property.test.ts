import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WorkerRegistry } from "./core/registry";
import { workerRecord } from "./core/test-support";
import { type Claim, defaultModelSettings } from "./core/types";
import type { Share, ShareStore } from "./ports";
import { createShareKeeper, type ShareKeeper } from "./share-keeper";
import { sharedModels } from "./shared-places";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The table and its lock, in memory. An exchange may fail before anything or after it was written, as a database does. */
function sharedTable() {
  const rows = new Map<string, Share>();
  let turn: Promise<unknown> = Promise.resolve();
  const failures = { before: false, after: false };
  const storeOf = (serverId: string): ShareStore => ({
    serverId,
    exchange: (demands, decide) => {
      const mine = turn.then(async () => {
        await Promise.resolve();
        if (failures.before) throw new Error("away");
        for (const { subject, demand, people } of demands) {
          rows.set(serverId, { serverId, demand, people, places: rows.get(serverId)?.places ?? 0 });
          const { places } = decide(subject, [...rows.values()]);
          // The answer takes its time; the server goes on claiming and releasing meanwhile.
          await Promise.resolve();
          rows.set(serverId, { serverId, demand, people, places });
        }
        if (failures.after) throw new Error("the answer is lost");
      });
      // Whoever comes next waits for its end, whatever that was.
      turn = mine.then(
        () => undefined,
        () => undefined,
      );
      return mine;
    },
    leave: async () => void rows.delete(serverId),
  });
  return { storeOf, failures };
}

type Server = {
  registry: WorkerRegistry;
  keeper: ShareKeeper;
  claims: Claim[];
  waiting: { count: number; people: number };
};

const limitOf = (maxConcurrent: number) => new Map([["demo", { ...defaultModelSettings, maxConcurrent }]]);

type Step =
  | { kind: "claim" | "release"; server: number }
  | { kind: "wait"; server: number; count: number }
  /** In each turn of the exchange one server claims, or (3) none. */
  | { kind: "exchange"; claiming: number[] }
  | { kind: "fail"; before: boolean; after: boolean };

const server = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("claim" as const), server }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("release" as const), server }) },
  fc.record({ kind: fc.constant("wait" as const), server, count: fc.nat(10) }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("exchange" as const),
      claiming: fc.array(fc.nat(3), { minLength: 30, maxLength: 30 }),
    }),
  },
  fc.record({ kind: fc.constant("fail" as const), before: fc.boolean(), after: fc.boolean() }),
);

it("servers that share a limit never exceed it together, and get all of it where it is wanted", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 9 }),
      fc.array(step, { maxLength: 60 }),
      async (limit, steps) => {
        const table = sharedTable();
        const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
        const servers: Server[] = ["a", "b", "c"].map((id) => {
          const registry = new WorkerRegistry({ heartbeatMs: 1e9, isLimitShared: true });
          registry.applySettings(limitOf(limit));
          registry.register(workerRecord("w", { slots: 1_000 }));
          const waiting = { count: 0, people: 0 };
          const keeper = createShareKeeper({
            ...{ store: table.storeOf(id), what: "the limits of models", leastAway: 0, logger, now: () => 0 },
            shared: () =>
              sharedModels(registry, { waiting: () => waiting.count, waitingPeople: () => waiting.people }),
            onGranted: () => undefined,
          });
          return { registry, keeper, claims: [], waiting };
        });
        const running = () => servers.reduce((sum, { claims }) => sum + claims.length, 0);
        const claim = ({ registry, claims }: Server): boolean => {
          const result = registry.claim({ model: "demo", tried: new Set() }, 0);
          if (result.kind === "claimed") claims.push(result.claim);
          expect(running()).toBeLessThanOrEqual(limit);
          return result.kind === "claimed";
        };
        await Promise.all(servers.map(({ keeper }) => keeper.start()));

        for (const each of steps) {
          const chosen = "server" in each ? servers[each.server] : undefined;
          if (each.kind === "claim" && chosen !== undefined) claim(chosen);
          if (each.kind === "release" && chosen !== undefined) {
            const last = chosen.claims.pop();
            if (last !== undefined) chosen.registry.release(last);
          }
          if (each.kind === "wait" && chosen !== undefined)
            Object.assign(chosen.waiting, { count: each.count, people: Math.floor(each.count / 2) });
          if (each.kind === "exchange") {
            vi.advanceTimersByTime(1_000);
            for (const index of each.claiming) {
              const one = servers[index];
              if (one !== undefined) claim(one);
              await Promise.resolve();
            }
            await vi.advanceTimersByTimeAsync(0);
          }
          if (each.kind === "fail") Object.assign(table.failures, each);
        }

        // The database is back, all is quiet but one server: it gets everything.
        Object.assign(table.failures, { before: false, after: false });
        const [first] = servers;
        for (const one of servers) {
          for (const open of one.claims.splice(0)) one.registry.release(open);
          Object.assign(one.waiting, { count: one === first ? 100 : 0, people: 0 });
        }
        await vi.advanceTimersByTimeAsync(5_000);
        if (first !== undefined) while (claim(first));
        expect(running()).toBe(limit);
        for (const { keeper } of servers) await keeper.stop();
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

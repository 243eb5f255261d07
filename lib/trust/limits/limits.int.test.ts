import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { LimitItem, LimitStore } from "./limit-store";
import { createMemoryLimits } from "./memory-limits";
import { createPostgresLimits } from "./postgres-limits";
import { createRedisLimits } from "./redis-limits";

const minute = 60_000;
const logger = { warn: vi.fn() };
const redisServer = "/usr/bin/redis-server";
const redisPort = 45_601;

let database: TestDatabase;
let redis: ReturnType<typeof spawn> | null = null;
beforeAll(async () => {
  database = await createTestDatabase();
  if (existsSync(redisServer)) {
    const started = spawn(redisServer, [
      "--port",
      String(redisPort),
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--appendonly",
      "no",
    ]);
    redis = started;
    await new Promise<void>((resolve) => {
      started.stdout?.on("data", (data: Buffer) => String(data).includes("Ready to accept") && resolve());
    });
  }
});
afterAll(async () => {
  redis?.kill();
  await database.drop();
});

type Make = (now: () => number) => LimitStore;
const stores: [string, Make][] = [
  ["PostgreSQL", (now) => createPostgresLimits(database.db, now)],
  [
    "Redis",
    (now) =>
      createRedisLimits({
        ...{ url: `redis://127.0.0.1:${redisPort}`, logger, now },
        fallback: {
          take: () => Promise.reject(new Error("Redis was not asked.")),
          close: async () => undefined,
        },
      }),
  ],
];

const item = (key: string, max: number, cost = 1, windowMs = minute): LimitItem => ({
  key,
  max,
  cost,
  windowMs,
});

describe.each(stores)("limits in %s", (name, make) => {
  it.skipIf(name === "Redis" && !existsSync(redisServer))(
    "let through what the window in memory lets through, and tell the same waits",
    async () => {
      let at = 1_800_000_000_000;
      const [own, memory] = [make(() => at), createMemoryLimits(() => at)];
      const steps = fc.array(fc.record({ wait: fc.nat(20_000), key: fc.nat(2), cost: fc.nat(3) }), {
        ...{ minLength: 20, maxLength: 40 },
      });
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const run = randomUUID();
          for (const { wait, key, cost } of all) {
            at += wait;
            const items = [item(`${run}:a${key}`, 5, cost), item(`${run}:b`, 9, 1, 2 * minute)];
            expect(await own.take(items)).toEqual(await memory.take(items));
          }
        }),
        { numRuns: 8 },
      );
      await own.close();
    },
  );

  it.skipIf(name === "Redis" && !existsSync(redisServer))(
    "never let more through in any stretch of the window, whoever asks at the same moment",
    async () => {
      const servers = [make(Date.now), make(Date.now)];
      const key = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, turn) => servers[turn % 2]?.take([item(key, 20)])),
      );
      const through = answers.filter((states) => states?.every(({ waitMs }) => waitMs === 0));
      expect(through).toHaveLength(20);
      const waits = answers.flatMap((states) => states ?? []).filter(({ waitMs }) => waitMs > 0);
      expect(waits.every(({ waitMs, used }) => used === 20 && waitMs <= minute * 1.1)).toBe(true);
      await Promise.all(servers.map((server) => server.close()));
    },
  );
});

describe("the window", () => {
  it("opens again exactly when it said it would", async () => {
    let at = 1_800_000_000_000;
    const store = createPostgresLimits(database.db, () => at);
    const key = randomUUID();
    for (let turn = 0; turn < 3; turn++) {
      expect(await store.take([item(key, 3)])).toMatchObject([{ waitMs: 0, used: turn }]);
      at += 10_000;
    }
    const [state] = await store.take([item(key, 3)]);
    const waitMs = state?.waitMs ?? 0;
    expect(waitMs).toBeGreaterThan(minute - 30_000);
    at += waitMs - 1;
    expect((await store.take([item(key, 3)]))[0]?.waitMs).toBe(1);
    at += 1;
    expect((await store.take([item(key, 3)]))[0]?.waitMs).toBe(0);
  });

  it("takes nothing where one of several does not pass", async () => {
    const store = createPostgresLimits(database.db);
    const [full, free] = [randomUUID(), randomUUID()];
    await store.take([item(full, 1)]);
    await store.take([item(full, 1), item(free, 5)]);
    expect(await store.take([item(free, 5, 0)])).toMatchObject([{ used: 0 }]);
  });

  it("goes on in the database while Redis is away, and says so once", async () => {
    logger.warn.mockClear();
    const fallback = createPostgresLimits(database.db);
    const store = createRedisLimits({ url: "redis://127.0.0.1:45602", logger, fallback });
    const key = randomUUID();
    await store.take([item(key, 1)]);
    expect((await store.take([item(key, 1)]))[0]?.waitMs).toBeGreaterThan(0);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    await store.close();
  });
});

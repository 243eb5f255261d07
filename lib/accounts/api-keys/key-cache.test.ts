import { describe, expect, it } from "vitest";
import { createKeyCache } from "./key-cache";
import type { KeyRecord } from "./key-record";

const record = (prefix: string, isRevoked = false): KeyRecord => ({
  prefix,
  hash: new Uint8Array(32),
  expiresAt: null,
  isRevoked,
  caller: {
    kind: "key",
    keyId: prefix,
    ownerLabel: "lab",
    scopes: { models: null, pools: null, endpoints: null, allowExperimental: false },
    limits: {
      requestsPerMinute: null,
      tokensPerMinute: null,
      requestsPerDay: null,
      tokensPerDay: null,
      maxConcurrent: null,
    },
  },
});

/** A cache over a table in memory whose reads are answered by hand. */
function setUp(prefixes: readonly string[], capacity?: number) {
  const table = new Map(prefixes.map((prefix) => [prefix, record(prefix)]));
  const reads: { prefixes: readonly string[]; answer: () => void; fail: () => void }[] = [];
  const clock = { now: 0 };
  const cache = createKeyCache({
    now: () => clock.now,
    capacity,
    load: (asked) => {
      const rows = asked.flatMap((prefix) => table.get(prefix) ?? []);
      return new Promise((resolve, reject) => {
        reads.push({ prefixes: asked, answer: () => resolve(rows), fail: () => reject(new Error("away")) });
      });
    },
  });
  /** Asks, answers the one read that follows, and gives the result. */
  const load = async (prefix: string) => {
    const found = cache.find(prefix);
    reads.at(-1)?.answer();
    return await found;
  };
  return { table, reads, clock, cache, load };
}

describe("the keys in memory", () => {
  it("answer at once while they are fresh, and are read again before that ends", async () => {
    const { cache, reads, clock, load, table } = setUp(["a"]);
    expect(await load("a")).toBe(table.get("a"));
    clock.now = 2_400;
    expect(cache.find("a")).toBe(table.get("a"));
    expect(reads).toHaveLength(1);
    clock.now = 2_500;
    expect(cache.find("a")).toBe(table.get("a"));
    expect(cache.find("a")).toBe(table.get("a"));
    expect(reads).toHaveLength(2);
  });

  it("are not believed beyond 5 s without a look into the database", async () => {
    const { cache, clock, load, table } = setUp(["a"]);
    await load("a");
    table.set("a", record("a", true));
    clock.now = 5_000;
    expect(cache.find("a")).toBeInstanceOf(Promise);
    expect(await load("a")).toMatchObject({ isRevoked: true });
  });

  it("gather a flood into one read at a time", async () => {
    const { cache, reads } = setUp(["a", "x7"]);
    const first = cache.find("a");
    const flood = Array.from({ length: 100 }, (_, index) => cache.find(`x${index % 50}`));
    expect(reads).toHaveLength(1);
    reads[0]?.answer();
    await first;
    expect(reads).toHaveLength(2);
    expect(reads[1]?.prefixes).toHaveLength(50);
    reads[1]?.answer();
    const found = await Promise.all(flood);
    expect(found.filter((one) => one !== null)).toHaveLength(2);
    expect(cache.find("x1")).toBeNull();
  });

  it("bound what is kept of keys that do not exist, and keep the real ones", async () => {
    const { cache, load, reads } = setUp(["a"], 3);
    await load("a");
    for (const prefix of ["1", "2", "3", "4"]) await load(prefix);
    const before = reads.length;
    expect(cache.find("4")).toBeNull();
    expect(cache.find("a")).toMatchObject({ prefix: "a" });
    expect(reads).toHaveLength(before);
    expect(cache.find("1")).toBeInstanceOf(Promise);
  });

  it("never hold what was read before a change", async () => {
    const { cache, reads, table } = setUp(["a"]);
    const found = cache.find("a");
    // The read has its rows already; then the key is revoked, and the notification comes before the rows do.
    table.set("a", record("a", true));
    cache.invalidate("a");
    reads[0]?.answer();
    const other = cache.find("a");
    await Promise.resolve();
    await Promise.resolve();
    expect(reads).toHaveLength(2);
    reads[1]?.answer();
    expect(await found).toMatchObject({ isRevoked: true });
    expect(await other).toMatchObject({ isRevoked: true });
    expect(cache.find("a")).toMatchObject({ isRevoked: true });
  });

  it("go on being believed while the database is away, except where a change was announced", async () => {
    const { cache, reads, clock, load, table } = setUp(["a", "b"]);
    await load("a");
    await load("b");
    cache.invalidate();
    const a = cache.find("a");
    reads.at(-1)?.fail();
    expect(await a).toBe(table.get("a"));
    // At once from now on, with one try a second.
    const tries = reads.length;
    expect(cache.find("a")).toBe(table.get("a"));
    expect(reads).toHaveLength(tries);
    clock.now += 1_000;
    expect(cache.find("a")).toBe(table.get("a"));
    expect(reads).toHaveLength(tries + 1);
    reads.at(-1)?.fail();

    cache.invalidate("b");
    const b = cache.find("b");
    await new Promise(setImmediate);
    reads.at(-1)?.fail();
    await expect(b).rejects.toThrow("away");

    clock.now += 15 * 60_000;
    const late = cache.find("a");
    await new Promise(setImmediate);
    reads.at(-1)?.fail();
    await expect(late).rejects.toThrow("away");
  });
});

import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { createClockWatch } from "./clock-watch";

const start = Date.UTC(2026, 0, 1);

/** A watch over two clocks that the test sets. */
function twoClocks() {
  const clocks = { own: start, database: start, isAway: false };
  const said: string[] = [];
  const note = (level: string) => (fields: object) => {
    said.push(`${level} ${"differenceMs" in fields ? fields.differenceMs : ""}`.trim());
  };
  const metrics = new Registry();
  const watch = createClockWatch({
    readDatabaseMs: async () => {
      if (clocks.isAway) throw new Error("ECONNREFUSED");
      return clocks.database;
    },
    logger: { debug: note("debug"), info: note("info"), warn: note("warn") },
    metrics,
    now: () => clocks.own,
  });
  return { clocks, said, metrics, watch };
}

it("knows nothing before it has compared, and then finds clocks that agree", async () => {
  const { clocks, said, watch } = twoClocks();
  clocks.database = start + 1_500;
  expect(watch.difference()).toBeNull();
  await watch.check();
  expect(watch.difference()?.isOff).toBe(false);
  expect(said).toEqual([]);
});

it.each([
  ["behind", 90_000],
  ["before", -3_600_000],
])("says once that a clock is %s from the start, and once that it is right again", async (_, shiftMs) => {
  const { clocks, said, metrics, watch } = twoClocks();
  clocks.database = start + shiftMs;
  await watch.check();
  await watch.check();
  expect(watch.difference()?.isOff).toBe(true);
  expect(Math.abs((watch.difference()?.differenceMs ?? 0) - shiftMs)).toBeLessThan(100);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^warn -?\d+$/);
  const shown = await metrics.metrics();
  expect(Number(/^arena_clock_difference_seconds (.+)$/m.exec(shown)?.[1])).toBeCloseTo(
    Math.abs(shiftMs) / 1_000,
    0,
  );
  // What is written for others to see is dated by the clock that they share.
  expect(Math.abs(watch.databaseNow().getTime() - clocks.database)).toBeLessThan(100);

  clocks.own = clocks.database;
  await watch.check();
  expect(watch.difference()?.isOff).toBe(false);
  expect(said).toHaveLength(2);
  expect(said[1]).toBe("info");
});

it("keeps what it knew while the database is away, and throws nothing", async () => {
  const { clocks, said, watch } = twoClocks();
  clocks.database = start + 60_000;
  await watch.check();
  clocks.isAway = true;
  await watch.check();
  expect(watch.difference()?.isOff).toBe(true);
  expect(said.filter((line) => line.startsWith("warn"))).toHaveLength(1);
});

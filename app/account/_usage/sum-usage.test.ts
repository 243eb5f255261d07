import { describe, expect, it } from "vitest";
import type { OwnUsageRow } from "@/lib/protocol";
import { niceTop, sumByDay, sumByModel } from "./sum-usage";

const row = (
  day: string,
  model: string,
  requests: number,
  promptTokens: number,
  completionTokens: number,
): OwnUsageRow => ({
  ...{ day, model, requests, promptTokens, completionTokens },
  ...{ keyPrefix: null, keyName: null, endpoint: "chat", errors: 0, cachedTokens: 0 },
});

const usage = {
  from: "2026-02-27",
  to: "2026-03-01",
  rows: [
    row("2026-02-27", "heron", 1, 10, 5),
    row("2026-03-01", "heron", 1, 1, 1),
    row("2026-03-01", "stork", 3, 2, 2),
  ],
};

describe("usage", () => {
  it("has a bar for every day, also for those without a request", () => {
    expect(sumByDay(usage, "tokens", null)).toEqual([
      { day: "2026-02-27", value: 15 },
      { day: "2026-02-28", value: 0 },
      { day: "2026-03-01", value: 6 },
    ]);
    expect(sumByDay(usage, "requests", "stork").map(({ value }) => value)).toEqual([0, 0, 3]);
  });

  it("lists models by what is measured", () => {
    expect(sumByModel(usage.rows, "requests").map(({ model }) => model)).toEqual(["stork", "heron"]);
    expect(sumByModel(usage.rows, "tokens")).toMatchObject([
      { model: "heron", requests: 2, promptTokens: 11 },
      {},
    ]);
  });

  it.each([
    [0, 2],
    [1, 2],
    [3, 4],
    [50, 50],
    [51, 60],
    [11, 12],
    [1_234, 1_400],
    [9_999, 10_000],
  ])("an axis for %d ends at %d", (most, top) => {
    expect(niceTop(most)).toBe(top);
  });
});

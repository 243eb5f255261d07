import { expect, it } from "vitest";
import { type Crashes, nextBackoff } from "./backoff";

function waits(ran: readonly number[]): number[] {
  let crashes: Crashes = { count: 0 };
  return ran.map((ranMs) => {
    const next = nextBackoff(crashes, ranMs);
    crashes = next.crashes;
    return next.waitMs;
  });
}

it("doubles from half a second to half a minute", () => {
  expect(waits(Array.from({ length: 9 }, () => 100))).toEqual([
    500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

it("begins anew after a calm minute", () => {
  expect(waits([100, 100, 100, 60_000, 59_999])).toEqual([500, 1000, 2000, 500, 1000]);
});

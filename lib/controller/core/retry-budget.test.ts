import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RetryBudget } from "./retry-budget";
import { SlidingCount } from "./sliding-count";

describe("SlidingCount", () => {
  it("forgets what is older than its window", () => {
    const count = new SlidingCount(1_000);
    for (const at of [0, 50, 950]) count.add(at);
    expect([count.total(999), count.total(1_000), count.total(1_899), count.total(1_900)]).toEqual([
      3, 1, 1, 0,
    ]);
  });

  it("holds at most what came within the window, and at least what came in the nine tenths before now", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 60 }), (gaps) => {
        const count = new SlidingCount(1_000);
        const times: number[] = [];
        let now = 5_000;
        for (const gap of gaps) {
          now += gap;
          times.push(now);
          count.add(now);
          const within = (ms: number) => times.filter((at) => at > now - ms).length;
          expect(count.total(now)).toBeLessThanOrEqual(within(1_000));
          expect(count.total(now)).toBeGreaterThanOrEqual(within(900));
        }
      }),
    );
  });
});

describe("RetryBudget", () => {
  it("allows its floor without any request, and a fifth of the requests beyond it", () => {
    const budget = new RetryBudget({ floor: 2 });
    const take = () => budget.takeRetry(0);
    expect([take(), take(), take()]).toEqual([true, true, false]);
    for (let i = 0; i < 5; i += 1) budget.countRequest(0);
    expect([take(), take()]).toEqual([true, false]);
  });

  it("allows more when the window has passed", () => {
    const budget = new RetryBudget({ floor: 1 });
    expect([budget.takeRetry(0), budget.takeRetry(9_999), budget.takeRetry(10_000)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("never allows more than the floor and the share of the requests of the window", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gap: fc.nat(300), isRetry: fc.boolean() }), { maxLength: 200 }),
        (events) => {
          const budget = new RetryBudget({ floor: 3, ratio: 0.2, windowMs: 1_000 });
          const requests: number[] = [];
          const retries: number[] = [];
          let now = 0;
          for (const { gap, isRetry } of events) {
            now += gap;
            if (!isRetry) {
              requests.push(now);
              budget.countRequest(now);
            } else if (budget.takeRetry(now)) {
              retries.push(now);
              const since = (times: number[], ms: number) => times.filter((at) => at > now - ms).length;
              expect(since(retries, 900)).toBeLessThanOrEqual(3 + 0.2 * since(requests, 1_000));
            }
          }
        },
      ),
    );
  });
});

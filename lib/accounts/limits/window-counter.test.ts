import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WindowCounter, windowMs } from "./window-counter";

const dayStart = Date.UTC(2026, 0, 5);

function minuteWith(previous: number, current: number): WindowCounter {
  const counter = new WindowCounter("minute");
  counter.add(dayStart - windowMs.minute, { requests: previous, tokens: 0 });
  counter.add(dayStart, { requests: current, tokens: 0 });
  return counter;
}

describe("a minute", () => {
  it("counts the minute before by the part of it that the last 60 s cover", () => {
    const counter = minuteWith(10, 2);
    expect(counter.used("requests", dayStart)).toBe(12);
    expect(counter.used("requests", dayStart + 15_000)).toBeCloseTo(9.5);
    expect(counter.used("requests", dayStart + 60_000)).toBeCloseTo(2);
    expect(counter.used("requests", dayStart + 120_000)).toBe(0);
  });

  it("says when there is room again: then, and not a moment sooner", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 0, max: 59_999 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 50 }),
        (previous, current, offset, limit, cost) => {
          const counter = minuteWith(previous, current);
          const now = dayStart + offset;
          const wait = counter.msUntilFits("requests", cost, limit, now);
          if (cost > limit) {
            expect(wait).toBeNull();
            return;
          }
          expect(wait).not.toBeNull();
          const at = now + (wait ?? 0);
          expect(counter.used("requests", at) + cost).toBeLessThanOrEqual(limit + 1e-6);
          if ((wait ?? 0) > 1) expect(counter.used("requests", at - 2) + cost).toBeGreaterThan(limit - 1e-6);
        },
      ),
    );
  });

  it("never lets much more than its limit into any 60 s of an even load", () => {
    const counter = new WindowCounter("minute");
    const admitted: number[] = [];
    for (let now = dayStart; now < dayStart + 5 * 60_000; now += 250) {
      if (counter.msUntilFits("requests", 1, 60, now) !== 0) continue;
      counter.add(counter.startOf(now), { requests: 1, tokens: 0 });
      admitted.push(now);
    }
    for (const from of admitted) {
      const within = admitted.filter((at) => at >= from && at < from + 60_000).length;
      expect(within).toBeLessThanOrEqual(90);
    }
    // A fixed minute would have let 120 through around its border, and over five minutes the budget is five times 60.
    expect(admitted.length).toBeLessThanOrEqual(5 * 60 + 60);
  });
});

describe("a day", () => {
  it("ends at midnight in UTC", () => {
    const counter = new WindowCounter("day");
    const evening = dayStart + 22 * 3_600_000;
    counter.add(counter.startOf(evening), { requests: 5, tokens: 70 });
    expect(counter.used("tokens", evening)).toBe(70);
    expect(counter.msUntilFits("requests", 1, 5, evening)).toBe(2 * 3_600_000);
    expect(counter.msUntilEmpty("tokens", evening)).toBe(2 * 3_600_000);
    expect(counter.used("tokens", dayStart + windowMs.day)).toBe(0);
  });
});

describe("pruning", () => {
  it("keeps what matters and what nobody has been told", () => {
    const counter = minuteWith(1, 1);
    counter.prune(dayStart + 10 * windowMs.minute);
    expect(counter.buckets.size).toBe(2);
    for (const bucket of counter.buckets.values()) bucket.pending = { requests: 0, tokens: 0 };
    counter.prune(dayStart + 10);
    expect(counter.buckets.size).toBe(2);
    counter.prune(dayStart + windowMs.minute);
    expect(counter.buckets.size).toBe(1);
  });
});

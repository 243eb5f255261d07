import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leastOutstanding } from "./least-outstanding";
import { policyCandidate } from "./test-support";
import type { Candidate } from "./types";

function candidate(id: string, changes: Partial<Candidate> = {}): Candidate {
  return policyCandidate(id, changes);
}

const noPreference = { preferredId: null };
const pick = (...candidates: Candidate[]): string | undefined =>
  leastOutstanding(candidates, noPreference)?.id;

describe("leastOutstanding", () => {
  it("has no choice without candidates", () => {
    expect(pick()).toBeUndefined();
  });

  it("takes the smaller share of slots, not the smaller number", () => {
    expect(
      pick(candidate("a", { slots: 2, outstanding: 1 }), candidate("b", { slots: 8, outstanding: 3 })),
    ).toBe("b");
  });

  it("gives ties to the least recently used, then to the smaller id", () => {
    expect(pick(candidate("a", { lastClaim: 7 }), candidate("b", { lastClaim: 3 }))).toBe("b");
    expect(pick(candidate("b"), candidate("a"))).toBe("a");
  });

  it("fills a worker of twice the speed before it touches the slow one, and then shares two to one", () => {
    const slow = candidate("slow", { tokensPerSecond: 50, lastClaim: 0 });
    const fast = (outstanding: number) =>
      candidate("fast", { tokensPerSecond: 100, outstanding, lastClaim: 1 });
    expect(pick(slow, fast(0))).toBe("fast");
    expect(pick(slow, fast(3))).toBe("fast");
    // All four slots taken: (4/4 + 1) / 1 equals the idle slow worker's (0 + 1) / 0.5, and the slow one is the older.
    expect(pick(slow, fast(4))).toBe("slow");
    expect(pick({ ...slow, outstanding: 1 }, fast(4))).toBe("fast");
  });

  it("does not take noise in the measured speed for a faster worker", () => {
    expect(
      pick(
        candidate("a", { tokensPerSecond: 905, lastClaim: 2 }),
        candidate("b", { tokensPerSecond: 900, lastClaim: 1 }),
      ),
    ).toBe("b");
  });

  it("counts a worker of unknown speed as fast, so that it is tried", () => {
    expect(pick(candidate("a", { tokensPerSecond: 900, lastClaim: 1 }), candidate("b"))).toBe("b");
  });

  it("lets affinity break a tie, and nothing but a tie", () => {
    const prefer = (preferredId: string, ...candidates: Candidate[]) =>
      leastOutstanding(candidates, { preferredId })?.id;
    const a = candidate("a", { lastClaim: 1 });
    const b = candidate("b", { lastClaim: 2 });
    expect(prefer("b", a, b)).toBe("b");
    expect(prefer("b", b, a)).toBe("b");
    expect(prefer("gone", a, b)).toBe("a");
    expect(prefer("b", a, { ...b, outstanding: 1 })).toBe("a");
    expect(prefer("b", a, { ...b, isSuspect: true })).toBe("a");
  });

  it("counts the requests of other servers like its own", () => {
    expect(pick(candidate("a", { others: 2 }), candidate("b", { outstanding: 1, lastClaim: 9 }))).toBe("b");
  });

  it("turns to a suspect only when nobody else is there", () => {
    expect(pick(candidate("a", { isSuspect: true }), candidate("b", { outstanding: 4 }))).toBe("b");
    expect(pick(candidate("a", { isSuspect: true }))).toBe("a");
  });

  it("depends on the candidates, not on their order", () => {
    const arbitrary = fc.uniqueArray(
      fc.record({
        id: fc.stringMatching(/^[a-f]{1,3}$/),
        slots: fc.integer({ min: 1, max: 8 }),
        outstanding: fc.nat(20),
        others: fc.nat(3),
        tokensPerSecond: fc.option(fc.double({ min: 0, max: 1000, noNaN: true })),
        lastClaim: fc.nat(5),
        isSuspect: fc.boolean(),
      }),
      { selector: ({ id }) => id, minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(arbitrary, fc.infiniteStream(fc.nat()), fc.nat(), (candidates, keys, pick) => {
        const preferredId = candidates[pick % candidates.length]?.id ?? null;
        const shuffled = candidates
          .map((value) => ({ value, key: keys.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ value }) => value);
        expect(leastOutstanding(shuffled, { preferredId })).toBe(
          leastOutstanding(candidates, { preferredId }),
        );
      }),
    );
  });
});

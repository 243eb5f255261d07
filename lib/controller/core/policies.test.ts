import { describe, expect, it } from "vitest";
import { lottery } from "./lottery";
import { roundRobin } from "./round-robin";
import { policyCandidate as candidate } from "./test-support";

describe("roundRobin", () => {
  it("takes the least recently used, whatever its load and speed", () => {
    const busy = candidate("a", { outstanding: 9, tokensPerSecond: 1, lastClaim: 1 });
    expect(roundRobin([busy, candidate("b", { tokensPerSecond: 99, lastClaim: 2 })])?.id).toBe("a");
    expect(roundRobin([candidate("b"), candidate("a")])?.id).toBe("a");
    expect(roundRobin([])).toBeUndefined();
  });

  it("turns to a suspect only when nobody else is there", () => {
    expect(roundRobin([candidate("a", { isSuspect: true }), candidate("b", { lastClaim: 5 })])?.id).toBe("b");
  });
});

describe("lottery", () => {
  const draw = (random: number, ...candidates: Parameters<typeof lottery>[0]) =>
    lottery(candidates, { random: () => random })?.id;

  it("gives tickets by slots and speed", () => {
    // 2 + 8 × ½ + 2 = 8 tickets.
    const all = [
      candidate("a", { slots: 2, tokensPerSecond: 100 }),
      candidate("b", { slots: 8, tokensPerSecond: 50 }),
      candidate("c", { slots: 2 }),
    ];
    const drawn = [0, 0.24, 0.26, 0.74, 0.76, 0.999].map((random) => draw(random, ...all));
    expect(drawn).toEqual(["a", "a", "b", "b", "c", "c"]);
  });

  it("gives a suspect no ticket while others have", () => {
    const suspect = candidate("a", { isSuspect: true });
    expect(draw(0, suspect, candidate("b"))).toBe("b");
    expect(draw(0, suspect)).toBe("a");
    expect(draw(0)).toBeUndefined();
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPacer, createPassage, maxTailMs } from "./text-pacer";

const tickMs = 30;

/** What a reader has after each tick, for text that arrives as `[at, text]`. */
function shown(charsPerSecond: number, arrivals: readonly (readonly [number, string])[], untilMs: number) {
  const pacer = createPacer(charsPerSecond);
  const rest = [...arrivals];
  const lengths: number[] = [];
  let text = "";
  for (let now = 0; now <= untilMs; now += tickMs) {
    while (rest[0] !== undefined && rest[0][0] <= now) pacer.push(rest.shift()?.[1] ?? "", now);
    text += pacer.take(now);
    lengths.push(text.length);
  }
  return { lengths, text };
}

describe("a paced answer", () => {
  it("shows two models that are faster than the pace alike, however fast they are", () => {
    const instant = [[0, "x".repeat(3_000)]] as const;
    const steady = Array.from({ length: 300 }, (_, index) => [index * 50, "y".repeat(10)] as const);
    const [a, b] = [shown(100, instant, 15_000), shown(100, steady, 15_000)];
    for (const [index, length] of a.lengths.entries())
      expect(Math.abs(length - (b.lengths[index] ?? 0))).toBeLessThanOrEqual(10);
    expect(a.lengths.at(-1)).toBeGreaterThan(1_490);
    expect(a.lengths.at(-1)).toBeLessThanOrEqual(1_500);
  });

  it("does not catch up after a pause", () => {
    const { lengths } = shown(
      100,
      [
        [0, "x"],
        [5_000, "y".repeat(500)],
      ],
      6_000,
    );
    const soonAfter = lengths[Math.floor(5_030 / tickMs) + 1] ?? 0;
    expect(soonAfter).toBeLessThan(30);
  });

  it("gives everything back in order, and never half a character, whatever the pace", () => {
    const pieces = fc.array(fc.string({ unit: "grapheme", maxLength: 20 }), { maxLength: 20 });
    fc.assert(
      fc.property(
        pieces,
        fc.integer({ min: 20, max: 2_000 }),
        fc.integer({ min: 1, max: 500 }),
        (texts, pace, step) => {
          const pacer = createPacer(pace);
          let out = "";
          let now = 0;
          for (const text of texts) {
            pacer.push(text, now);
            now += step;
            const piece = pacer.take(now);
            expect(piece.isWellFormed()).toBe(true);
            out += piece;
          }
          expect(out + pacer.flush()).toBe(texts.join(""));
          expect(pacer.isEmpty).toBe(true);
        },
      ),
    );
  });

  it("is shown to its end within the bound once the model has ended, and steadily until then", () => {
    const pacer = createPacer(20);
    pacer.push("x".repeat(10_000), 0);
    pacer.end(0);
    let largest = 0;
    let total = 0;
    let shownAt = 0;
    for (let now = 0; !pacer.isEmpty; now += tickMs) {
      const piece = pacer.take(now);
      shownAt = now;
      largest = Math.max(largest, piece.length);
      total += piece.length;
    }
    expect(total).toBe(10_000);
    expect(shownAt).toBeLessThanOrEqual(maxTailMs + tickMs);
    expect(largest).toBeLessThan(200);
  });

  it("adds no time to a model that writes more slowly than the pace", () => {
    const slow = Array.from({ length: 50 }, (_, index) => [index * 300, "word "] as const);
    const { lengths } = shown(200, slow, 15_300);
    for (let index = 1; index < 50; index += 1)
      expect(lengths[Math.ceil((index * 300) / tickMs) + 2]).toBeGreaterThanOrEqual((index + 1) * 5);
  });
});

describe("an answer without a pace", () => {
  it("is shown as it comes", () => {
    const passage = createPassage();
    passage.push("one ", 0);
    passage.push("two", 0);
    expect(passage.take(0)).toBe("one two");
    expect(passage.isEmpty).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StopMatcher } from "./stop-matcher";

function run(stops: readonly string[], pieces: readonly string[]): { text: string; isStopped: boolean } {
  const matcher = new StopMatcher(stops);
  let text = "";
  for (const piece of pieces) {
    const out = matcher.push(piece);
    text += out.text;
    if (out.isStopped) return { text, isStopped: true };
  }
  return { text: text + matcher.flush(), isStopped: false };
}

describe("StopMatcher", () => {
  it("finds a stop string across pieces and lets none of it through", () => {
    expect(run(["END"], ["one E", "N", "D two"])).toEqual({ text: "one ", isStopped: true });
  });

  it("gives back what only began like a stop string", () => {
    expect(run(["END"], ["one EN", "E"])).toEqual({ text: "one ENE", isStopped: false });
    expect(run(["END"], ["one EN"])).toEqual({ text: "one EN", isStopped: false });
  });

  it("holds back no more than may still become a stop string", () => {
    const matcher = new StopMatcher(["abab"]);
    expect(matcher.push("xaba").text).toBe("x");
    expect(matcher.push("c").text).toBe("abac");
  });

  it("takes the earliest of several", () => {
    expect(run(["c", "bc"], ["abcd"])).toEqual({ text: "a", isStopped: true });
  });

  it("passes pieces through unchanged without stop strings", () => {
    expect(new StopMatcher([]).push("text")).toEqual({ text: "text", isStopped: false });
  });

  it("gives what a search in the whole text gives, however the text is cut", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(stops, fc.array(text, { maxLength: 12 }), (stopStrings, pieces) => {
        const whole = pieces.join("");
        const found = run(stopStrings, pieces);
        const positions = stopStrings.map((stop) => whole.indexOf(stop)).filter((at) => at !== -1);
        expect(found.isStopped).toBe(positions.length > 0);
        // A piece may complete a longer stop string that began earlier; nothing of any stop string may get out.
        for (const stop of stopStrings) expect(found.text.includes(stop)).toBe(false);
        expect(whole.startsWith(found.text)).toBe(true);
        if (!found.isStopped) expect(found.text).toBe(whole);
      }),
    );
  });
});

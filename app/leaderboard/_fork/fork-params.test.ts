import { describe, expect, it } from "vitest";
import { type ForkPin, formatPin, isOf, parsePin, pinOf } from "./fork-params";

const hash = (digit: string) => digit.repeat(16);

describe("what a permalink says of its data", () => {
  it("comes back from the address, with and without a file of votes", () => {
    const pins: ForkPin[] = [
      { revision: { counts: 12, votes: 340 }, counts: hash("a"), votes: null },
      { revision: { counts: 1, votes: 1 }, counts: hash("0"), votes: hash("f") },
      // A link of the first release has no revisions.
      { revision: null, counts: hash("b"), votes: hash("c") },
      { revision: null, counts: hash("b"), votes: null },
    ];
    for (const pin of pins) expect(parsePin(formatPin(pin))).toEqual(pin);
  });

  it.each([
    "",
    "12",
    `1.${hash("a")}`,
    `1.2.${hash("g")}`,
    `-1.2.${hash("a")}`,
    `1.2.${hash("a")}.1`,
    `${hash("a")}x`,
  ])("takes %j for nothing", (text) => expect(parsePin(text)).toBeNull());

  it("is of a fit when the counts are, and the votes where both used them", () => {
    const pairs = { revision: 7, inputsHash: "a".repeat(64) };
    const fitted = pinOf({ pairs, votesRevision: 9, votes: "b".repeat(64) });
    expect(fitted).toEqual({ revision: { counts: 7, votes: 9 }, counts: hash("a"), votes: hash("b") });
    expect(isOf(fitted, fitted)).toBe(true);
    expect(isOf({ ...fitted, votes: null }, fitted)).toBe(true);
    expect(isOf({ ...fitted, votes: hash("c") }, fitted)).toBe(false);
    expect(isOf({ ...fitted, counts: hash("c") }, fitted)).toBe(false);
  });
});

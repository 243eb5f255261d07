import { describe, expect, it } from "vitest";
import { type ForkPin, formatPin, isOf, parsePin, pinOf } from "./fork-params";

const hash = (digit: string) => digit.repeat(16);

describe("what a permalink says of its data", () => {
  it("comes back from the address, with and without a file of votes", () => {
    const pins: ForkPin[] = [
      {
        editions: { counts: "12-AbCd_fgh-jklmnop", votes: "340-0123456789abcdef" },
        counts: hash("a"),
        votes: null,
      },
      { editions: { counts: "1-x", votes: "1-x" }, counts: hash("0"), votes: hash("f") },
      // A link of the first release has no editions.
      { editions: null, counts: hash("b"), votes: hash("c") },
      { editions: null, counts: hash("b"), votes: null },
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
    const pairs = { edition: "7-x", inputsHash: "a".repeat(64) };
    const fitted = pinOf({ pairs, votesEdition: "9-y", votes: "b".repeat(64) });
    expect(fitted).toEqual({
      editions: { counts: "7-x", votes: "9-y" },
      counts: hash("a"),
      votes: hash("b"),
    });
    expect(isOf(fitted, fitted)).toBe(true);
    expect(isOf({ ...fitted, votes: null }, fitted)).toBe(true);
    expect(isOf({ ...fitted, votes: hash("c") }, fitted)).toBe(false);
    expect(isOf({ ...fitted, counts: hash("c") }, fitted)).toBe(false);
  });
});

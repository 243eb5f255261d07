import { expect, it } from "vitest";
import { isFlat, trendOf } from "./slope";

const noise = (index: number): number => Math.sin(index * 12.9898) * 3;

it("a line is found with its rise", () => {
  expect(trendOf([1, 2, 3, 4])).toMatchObject({ mean: 2.5, rise: 3 });
});

it("a leak is no noise, and noise is no leak", () => {
  const flat = Array.from({ length: 60 }, (_, index) => 300 + noise(index));
  const leak = flat.map((value, index) => value + index * 2);
  expect(isFlat(trendOf(flat), 0.1)).toBe(true);
  expect(isFlat(trendOf(leak), 0.1)).toBe(false);
  // What falls is flat enough.
  expect(isFlat(trendOf([...leak].reverse()), 0.1)).toBe(true);
});

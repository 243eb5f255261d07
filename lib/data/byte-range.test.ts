import { describe, expect, it } from "vitest";
import { byteRange } from "./byte-range";

const file = { bytes: 100, etag: '"abc"' };

describe("byteRange", () => {
  it.each([
    ["bytes=0-9", { start: 0, end: 9 }],
    ["bytes=90-", { start: 90, end: 99 }],
    ["bytes=-10", { start: 90, end: 99 }],
    ["bytes=-1000", { start: 0, end: 99 }],
    ["bytes=50-1000", { start: 50, end: 99 }],
    ["bytes=99-99", { start: 99, end: 99 }],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=9-3", null],
    ["bytes=0-1,5-6", null],
    ["bytes=-", null],
    ["lines=1-2", null],
    ["bytes=99999999999999999999-", null],
  ])("%s", (range, expected) => {
    expect(byteRange({ range }, file)).toEqual(expected);
  });

  it("is all of it without a range, and where the part would be of another file", () => {
    expect(byteRange({}, file)).toBeNull();
    expect(byteRange({ range: "bytes=0-9", ifRange: '"other"' }, file)).toBeNull();
    expect(byteRange({ range: "bytes=0-9", ifRange: '"abc"' }, file)).toEqual({ start: 0, end: 9 });
  });

  it("of an empty file is nothing", () => {
    expect(byteRange({ range: "bytes=0-" }, { ...file, bytes: 0 })).toBe("unsatisfiable");
    expect(byteRange({ range: "bytes=-5" }, { ...file, bytes: 0 })).toBe("unsatisfiable");
  });
});

import { describe, expect, it } from "vitest";
import { parseTraceparent, traceparentOf } from "./traceparent";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const span = "00f067aa0ba902b7";

describe("traceparent", () => {
  it("is read and written as W3C Trace Context says", () => {
    const header = `00-${trace}-${span}-01`;
    const place = parseTraceparent(header);
    expect(place).toEqual({ traceId: trace, spanId: span, traceFlags: 1 });
    expect(place === null ? null : traceparentOf(place)).toBe(header);
  });

  it("of a later version is read as far as it is known", () => {
    expect(parseTraceparent(`cc-${trace}-${span}-03-what-will-be`)).toEqual({
      traceId: trace,
      spanId: span,
      traceFlags: 1,
    });
  });

  it.each([
    ["nothing", undefined],
    ["two headers", [`00-${trace}-${span}-01`, `00-${trace}-${span}-01`]],
    ["the version that is none", `ff-${trace}-${span}-01`],
    ["more than version 00 has", `00-${trace}-${span}-01-more`],
    ["a trace of zeros", `00-${"0".repeat(32)}-${span}-01`],
    ["a span of zeros", `00-${trace}-${"0".repeat(16)}-01`],
    ["capitals", `00-${trace.toUpperCase()}-${span}-01`],
    ["too short a trace", `00-${trace.slice(1)}-${span}-01`],
    ["a line end", `00-${trace}-${span}-01\r\nx: y`],
  ])("counts as not sent: %s", (_name, header) => {
    expect(parseTraceparent(header)).toBeNull();
  });
});

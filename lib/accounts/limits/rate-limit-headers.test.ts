import { describe, expect, it } from "vitest";
import { formatDuration, rateLimitHeaders } from "./rate-limit-headers";

describe("the rate-limit headers", () => {
  it("tell the limit that has the smaller part left", () => {
    const requests = { measure: "requests", resetMs: 1_000 } as const;
    expect(
      rateLimitHeaders([
        { ...requests, limit: 60, remaining: 59 },
        { ...requests, limit: 1_000, remaining: 10, resetMs: 3_600_000 },
      ]),
    ).toEqual({
      "x-ratelimit-limit-requests": "1000",
      "x-ratelimit-remaining-requests": "10",
      "x-ratelimit-reset-requests": "1h0m0s",
    });
    expect(rateLimitHeaders([])).toEqual({});
  });

  it.each([
    [0, "0ms"],
    [120.4, "121ms"],
    [1_500, "1.5s"],
    [59_999, "60s"],
    [360_000, "6m0s"],
    [86_352_000, "23h59m12s"],
  ])("write %d ms as %s", (ms, text) => expect(formatDuration(ms)).toBe(text));
});

import { describe, expect, it } from "vitest";
import { describeBrowser } from "./describe-browser";

describe("a browser's name", () => {
  it.each([
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
      { name: "Edge", system: "Windows" },
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
      { name: "Safari", system: "iPhone" },
    ],
    [
      "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
      { name: "Chrome", system: "Android" },
    ],
    [
      "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
      { name: "Firefox", system: "Linux" },
    ],
    ["curl/8.5.0", { name: "curl", system: null }],
    ["something of its own", null],
    [null, null],
  ])("%s", (userAgent, expected) => {
    expect(describeBrowser(userAgent)).toEqual(expected);
  });
});

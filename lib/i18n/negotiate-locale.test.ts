import { describe, expect, it } from "vitest";
import { negotiateLocale } from "./negotiate-locale";

describe("negotiateLocale", () => {
  it.each([
    ["zh", "en-GB,en;q=0.9", "zh"],
    ["fr", "zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    [undefined, "zh-TW", "zh"],
    [undefined, "fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.7", "en"],
    [undefined, "en;q=0, zh;q=0.1", "zh"],
    [undefined, "de, *;q=0.1", "en"],
    [undefined, null, "en"],
    [undefined, "", "en"],
  ] as const)("cookie %s and header %s give %s", (cookie, header, expected) => {
    expect(negotiateLocale(cookie, header)).toBe(expected);
  });
});

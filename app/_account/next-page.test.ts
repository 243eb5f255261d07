import { describe, expect, it } from "vitest";
import { nextPage } from "./next-page";

describe("the page after a sign-in", () => {
  it("is the one that was asked for", () => {
    expect(nextPage("/account/keys?new=1")).toBe("/account/keys?new=1");
  });

  it.each([
    undefined,
    "",
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    ["/a", "/b"],
  ])("is never one of another site: %j", (next) => {
    expect(nextPage(next)).toBe("/");
  });
});

import { describe, expect, it } from "vitest";
import robots from "./robots";

describe("/robots.txt", () => {
  it("keeps crawlers off what is no page, and off nothing else", () => {
    const { rules } = robots();
    expect(rules).toMatchObject({ userAgent: "*", allow: "/" });
    for (const path of ["/api/", "/v1/", "/admin"])
      expect([rules].flat().flatMap(({ disallow }) => disallow ?? [])).toContain(path);
  });
});

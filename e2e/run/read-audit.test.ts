import { describe, expect, it } from "vitest";
import { readAudit } from "./read-audit";

const report = (severity: string) =>
  JSON.stringify({
    vulnerabilities: { "left-pad": { severity, range: "<1.2.3" } },
    metadata: { vulnerabilities: { high: 1, critical: 0 } },
  });

describe("the audit of dependencies", () => {
  it("names packages with a grave fault, and passes over slight ones", () => {
    expect(readAudit(report("high"))).toEqual({ kind: "found", packages: ["left-pad <1.2.3 (high)"] });
    expect(readAudit(report("critical")).kind).toBe("found");
    expect(readAudit(report("moderate"))).toEqual({ kind: "clean" });
  });

  it("is skipped, with the reason, where the registry has no answer", () => {
    expect(readAudit('{"message":"405 Method Not Allowed","statusCode":405}')).toEqual({
      ...{ kind: "unanswered", reason: "405 Method Not Allowed" },
    });
    expect(readAudit("").kind).toBe("unanswered");
    expect(readAudit("npm error network").kind).toBe("unanswered");
    expect(readAudit("{}")).toEqual({ kind: "unanswered", reason: "an answer of another kind" });
  });
});

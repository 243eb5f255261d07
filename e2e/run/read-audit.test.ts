import { describe, expect, it } from "vitest";
import { bars, readAudit as read } from "./read-audit";

const readAudit = (output: string) => read(output, bars.production);

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

  it("looks at what only developers run too, with a lower bar", () => {
    expect(read(report("high"), bars.development)).toEqual({ kind: "clean" });
    expect(read(report("critical"), bars.development).kind).toBe("found");
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

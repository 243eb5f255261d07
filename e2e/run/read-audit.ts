import { z } from "zod";

const countsSchema = z.object({ high: z.number(), critical: z.number() });
const reportSchema = z.object({
  metadata: z.object({ vulnerabilities: countsSchema }),
  vulnerabilities: z.record(z.string(), z.object({ severity: z.string(), range: z.string() })),
});

export type AuditResult =
  | { kind: "clean" }
  | { kind: "found"; packages: string[] }
  /** The registry gave no advisories: offline, or one that has none. */
  | { kind: "unanswered"; reason: string };

type Severity = "moderate" | "high" | "critical";

/** From which severity on a fault counts: what a site runs with, and what only its makers run. */
export const bars = {
  production: ["high", "critical"],
  development: ["critical"],
} as const satisfies Record<string, readonly Severity[]>;

/** What `npm audit --json` printed: packages with a fault above the bar, if the registry could tell. */
export function readAudit(output: string, bar: readonly Severity[]): AuditResult {
  let parsed: unknown;
  try {
    parsed = JSON.parse(output.slice(output.indexOf("{")));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: "unanswered", reason: output.trim().split("\n")[0] ?? "no answer" };
  }
  const report = reportSchema.safeParse(parsed);
  if (!report.success) {
    const told = z.object({ message: z.string() }).safeParse(parsed);
    return { kind: "unanswered", reason: told.success ? told.data.message : "an answer of another kind" };
  }
  const packages = Object.entries(report.data.vulnerabilities)
    .filter(([, { severity }]) => bar.some((one) => one === severity))
    .map(([name, { severity, range }]) => `${name} ${range} (${severity})`);
  return packages.length === 0 ? { kind: "clean" } : { kind: "found", packages };
}

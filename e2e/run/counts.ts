import { z } from "zod";

export type Counts = { passed: number; failed: number; skipped: number };

export const nothing: Counts = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** A stage that passes or fails as a whole. */
export function countWhole(hasPassed: boolean): Counts {
  return hasPassed ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
}

/** The last line of a run. */
export function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** What of Vitest's JSON report (Jest's format) is read. */
const vitestSchema = z.object({
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

export function countVitest(report: unknown): Counts {
  let counts = nothing;
  for (const file of vitestSchema.parse(report).testResults) {
    const states = file.assertionResults.map((test) => test.status);
    const failed = states.filter((state) => state === "failed").length;
    const passed = states.filter((state) => state === "passed").length;
    counts = add(counts, { passed, failed, skipped: states.length - passed - failed });
    // A file that cannot be loaded, or whose set-up fails, has no failed test of its own.
    if (file.status === "failed" && failed === 0) counts = add(counts, countWhole(false));
  }
  return counts;
}

/** What of Playwright's JSON report is read. */
const playwrightSchema = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
});

export function countPlaywright(report: unknown): Counts {
  const { stats } = playwrightSchema.parse(report);
  // One that passed at its second try has failed.
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped };
}

/**
 * A report and an exit code together: a stage that ended with an error has failed even where no test has (an error outside the tests, a
 * crash before the report), and one without any test has tested nothing.
 */
export function settle(counts: Counts, exitCode: number | null): Counts {
  const isEmpty = counts.passed + counts.failed === 0;
  const isUnexplained = exitCode !== 0 && counts.failed === 0;
  return isEmpty || isUnexplained ? add(counts, countWhole(false)) : counts;
}

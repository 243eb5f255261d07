import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/**
 * `failures`: of each failed test where it stands, its name, and the first line of what it said; `skips`: what was not looked at,
 * and why, where the stage tells.
 */
export type Counts = {
  passed: number;
  failed: number;
  skipped: number;
  failures: readonly string[];
  skips: readonly string[];
};

export const nothing: Counts = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };

export function add(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
    skips: [...a.skips, ...b.skips],
  };
}

/** A stage that passes or fails as a whole. */
export function countWhole(hasPassed: boolean): Counts {
  return hasPassed ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
}

const ownSchema = z.object({
  passed: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  failures: z.array(z.string()),
  skips: z.array(z.string()),
});

/** The report of a stage of our own: counts as they are. */
export function countOwn(report: unknown): Counts {
  return ownSchema.parse(report);
}

/** How a stage went, in a word. One that has looked at nothing has not passed. */
export function verdictOf({ passed, failed, skipped }: Counts): "ok" | "FAILED" | "skipped" {
  if (failed > 0) return "FAILED";
  return passed === 0 && skipped > 0 ? "skipped" : "ok";
}

/** The last line of a run. */
export function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

const explain = (place: string, name: string, message = ""): string => {
  const firstLine = stripVTControlCharacters(message).split("\n", 1)[0] ?? "";
  return `${relative(process.cwd(), place)} › ${name}${firstLine === "" ? "" : `: ${firstLine}`}`;
};

/** What of Vitest's JSON report (Jest's format) is read. */
const vitestSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

export function countVitest(report: unknown): Counts {
  let counts = nothing;
  for (const file of vitestSchema.parse(report).testResults) {
    const failed = file.assertionResults.filter((test) => test.status === "failed");
    const passed = file.assertionResults.filter((test) => test.status === "passed").length;
    counts = add(counts, {
      passed,
      failed: failed.length,
      skipped: file.assertionResults.length - passed - failed.length,
      failures: failed.map((test) => explain(file.name, test.fullName, test.failureMessages?.[0])),
      skips: [],
    });
    // A file that cannot be loaded, or whose set-up fails, has no failed test of its own.
    if (file.status === "failed" && failed.length === 0) {
      const failures = [explain(file.name, "the file itself", file.message)];
      counts = add(counts, { ...countWhole(false), failures });
    }
  }
  return counts;
}

type PlaywrightSuite = {
  suites?: PlaywrightSuite[] | undefined;
  specs?: { title: string; file: string; line: number; tests: PlaywrightTest[] }[] | undefined;
};
type PlaywrightTest = { status: string; results: { error?: { message?: string | undefined } | undefined }[] };

const suiteSchema: z.ZodType<PlaywrightSuite> = z.object({
  suites: z.lazy(() => z.array(suiteSchema)).optional(),
  specs: z
    .array(
      z.object({
        title: z.string(),
        file: z.string(),
        line: z.number(),
        tests: z.array(
          z.object({
            status: z.string(),
            results: z.array(z.object({ error: z.object({ message: z.string().optional() }).optional() })),
          }),
        ),
      }),
    )
    .optional(),
});

/** What of Playwright's JSON report is read. */
const playwrightSchema = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  suites: z.array(suiteSchema).default([]),
});

function failuresIn(suite: PlaywrightSuite): string[] {
  const own = (suite.specs ?? []).flatMap(({ title, file, line, tests }) =>
    tests
      .filter((test) => test.status === "unexpected" || test.status === "flaky")
      .map((test) => explain(`${file}:${line}`, title, test.results[0]?.error?.message)),
  );
  return [...own, ...(suite.suites ?? []).flatMap(failuresIn)];
}

export function countPlaywright(report: unknown): Counts {
  const { stats, suites } = playwrightSchema.parse(report);
  return {
    passed: stats.expected,
    // One that passed at its second try has failed.
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
    failures: suites.flatMap(failuresIn),
    skips: [],
  };
}

/**
 * A report and an exit code together: a stage that ended with an error has failed even where no test has (an error outside the tests, a
 * crash before the report), and one without any test has tested nothing, which only a stage may that says why.
 */
export function settle(counts: Counts, exitCode: number | null): Counts {
  const isEmpty = counts.passed + counts.failed === 0 && counts.skips.length === 0;
  const isUnexplained = exitCode !== 0 && counts.failed === 0;
  return isEmpty || isUnexplained ? add(counts, countWhole(false)) : counts;
}

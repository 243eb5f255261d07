import { describe, expect, it } from "vitest";
import { countPlaywright, countVitest, countWhole, nothing, settle, summary } from "./counts";

const file = (status: string, ...states: string[]) => ({
  status,
  assertionResults: states.map((state) => ({ status: state })),
});

describe("counts", () => {
  it("of vitest: tests, and files that could not run", () => {
    const report = {
      numPassedTests: 99,
      testResults: [
        file("passed", "passed", "passed"),
        file("failed", "passed", "failed", "skipped"),
        file("failed"),
      ],
    };
    expect(countVitest(report)).toEqual({ passed: 3, failed: 2, skipped: 1 });
  });

  it("of playwright: a flaky test has failed", () => {
    const report = { stats: { expected: 5, unexpected: 1, flaky: 2, skipped: 3, duration: 1 } };
    expect(countPlaywright(report)).toEqual({ passed: 5, failed: 3, skipped: 3 });
  });

  it("of a report that is not one are refused", () => {
    expect(() => countVitest({})).toThrow();
    expect(() => countPlaywright({ stats: {} })).toThrow();
  });

  it.each([
    ["all passed", { passed: 4, failed: 0, skipped: 0 }, 0, 0],
    ["some failed", { passed: 4, failed: 2, skipped: 0 }, 1, 2],
    ["an error outside the tests", { passed: 4, failed: 0, skipped: 0 }, 1, 1],
    ["a crash", { passed: 4, failed: 0, skipped: 0 }, null, 1],
    ["no tests at all", nothing, 0, 1],
    ["only skipped ones", { passed: 0, failed: 0, skipped: 7 }, 0, 1],
  ])("with %s", (_, counts, exitCode, failed) => {
    expect(settle(counts, exitCode).failed).toBe(failed);
  });

  it("end in one line", () => {
    expect(summary({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
    expect(summary({ passed: 12, failed: 1, skipped: 3 })).toBe("12 passed, 1 failed, 3 skipped");
    expect(summary(countWhole(true))).toBe("1 passed, 0 failed");
  });
});

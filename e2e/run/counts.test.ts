import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  add,
  countOwn,
  countPlaywright,
  countVitest,
  countWhole,
  nothing,
  settle,
  summary,
  verdictOf,
} from "./counts";

const file = (status: string, ...states: string[]) => ({
  name: join(process.cwd(), "lib/a.test.ts"),
  status,
  message: status === "failed" ? "Cannot find module 'b'\n  at c" : "",
  assertionResults: states.map((state) => ({
    fullName: `is ${state}`,
    status: state,
    failureMessages: state === "failed" ? ["\u001b[31mexpected 1 to be 2\u001b[39m\n  at d"] : [],
  })),
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
    expect(countVitest(report)).toEqual({
      passed: 3,
      failed: 2,
      skipped: 1,
      failures: [
        "lib/a.test.ts › is failed: expected 1 to be 2",
        "lib/a.test.ts › the file itself: Cannot find module 'b'",
      ],
      skips: [],
    });
  });

  it("of playwright: a flaky test has failed", () => {
    const spec = (title: string, status: string, message?: string) => ({
      title,
      file: "e2e/a.spec.ts",
      line: 7,
      tests: [{ status, results: [message === undefined ? {} : { error: { message } }] }],
    });
    const inner = { specs: [spec("breaks", "unexpected", "no button\nCall log"), spec("works", "expected")] };
    const report = {
      stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 3, duration: 1 },
      suites: [{ specs: [spec("wavers", "flaky")], suites: [inner] }],
    };
    expect(countPlaywright(report)).toEqual({
      passed: 5,
      failed: 2,
      skipped: 3,
      failures: ["e2e/a.spec.ts:7 › wavers", "e2e/a.spec.ts:7 › breaks: no button"],
      skips: [],
    });
  });

  it("of a report that is not one are refused", () => {
    expect(() => countVitest({})).toThrow();
    expect(() => countPlaywright({ stats: {} })).toThrow();
    expect(() => countOwn({ passed: 1 })).toThrow();
  });

  it.each([
    ["all passed", { ...nothing, passed: 4 }, 0, 0],
    ["some failed", { ...nothing, passed: 4, failed: 2 }, 1, 2],
    ["an error outside the tests", { ...nothing, passed: 4 }, 1, 1],
    ["a crash", { ...nothing, passed: 4 }, null, 1],
    ["no tests at all", nothing, 0, 1],
    ["only skipped ones", { ...nothing, skipped: 7 }, 0, 1],
    ["one that was skipped and says why", { ...nothing, skipped: 1, skips: ["audit: offline"] }, 0, 0],
    ["one that was skipped, and then fell over", { ...nothing, skipped: 1, skips: ["audit: offline"] }, 1, 1],
  ])("with %s", (_, counts, exitCode, failed) => {
    expect(settle(counts, exitCode).failed).toBe(failed);
  });

  it("never call passed what was not looked at", () => {
    const skipped = { ...nothing, skipped: 1, skips: ["audit: offline"] };
    expect(verdictOf(skipped)).toBe("skipped");
    expect(verdictOf({ ...nothing, passed: 3, skipped: 1 })).toBe("ok");
    expect(verdictOf({ ...skipped, failed: 1 })).toBe("FAILED");
    expect(add(countWhole(true), skipped)).toMatchObject({
      passed: 1,
      skipped: 1,
      skips: ["audit: offline"],
    });
    expect(countOwn(JSON.parse(JSON.stringify(skipped)))).toEqual(skipped);
  });

  it("end in one line", () => {
    expect(summary({ ...nothing, passed: 12 })).toBe("12 passed, 0 failed");
    expect(summary({ ...nothing, passed: 12, failed: 1, skipped: 3 })).toBe("12 passed, 1 failed, 3 skipped");
    expect(summary(countWhole(true))).toBe("1 passed, 0 failed");
  });
});

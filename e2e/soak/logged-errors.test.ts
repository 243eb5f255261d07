import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loggedErrors } from "./logged-errors";

it("errors of a server's log are told once each, with how often; so is what is no line of a log", () => {
  const folder = mkdtempSync(join(tmpdir(), "arena-log-"));
  const file = join(folder, "server.log");
  const deadlock = { level: 50, msg: "request failed", err: { message: "\nRaw query failed.\n\ndeadlock" } };
  const lines = [{ level: 30, msg: "api request" }, { level: 40, msg: "worker failed" }, deadlock, deadlock];
  writeFileSync(
    file,
    `${lines.map((line) => JSON.stringify(line)).join("\n")}\n✓ Running\nRangeError: boom\n`,
  );
  expect(loggedErrors(file)).toEqual([
    "2 × request failed: Raw query failed. deadlock",
    "1 × RangeError: boom",
  ]);
  rmSync(folder, { recursive: true });
});

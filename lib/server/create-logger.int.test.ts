import { execFile } from "node:child_process";
import { describe, expect, it } from "vitest";

/** What a process writes that logs and then ends in this way. */
function linesOf(ending: string): Promise<string[]> {
  const script = `
    import { createLogger } from "./lib/server/create-logger.ts";
    const logger = createLogger("info", { process: "test" });
    logger.info("first");
    logger.debug("not asked for");
    logger.info({ text: "zweitens ü 二" }, "second");
    ${ending}`;
  return new Promise((resolve) => {
    const args = ["--import", "tsx", "--input-type=module", "--eval", script];
    execFile(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 }, (_error, stdout) =>
      resolve(stdout.split("\n").slice(0, -1)),
    );
  });
}

describe("createLogger", () => {
  it.each([
    ["by itself", ""],
    ["by process.exit", "process.exit(3);"],
    ["by an error that nobody catches", 'throw new Error("none");'],
    [
      "by a kill, a while after its last line",
      'setTimeout(() => process.kill(process.pid, "SIGKILL"), 1_000);',
    ],
  ])("has written every line of a process that ends %s", async (_how, ending) => {
    const lines = await linesOf(ending);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["first", "second"]);
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ process: "test", text: "zweitens ü 二" });
  });

  it("keeps thousands of lines whole and in order", async () => {
    const lines = await linesOf('for (let at = 0; at < 20_000; at += 1) logger.info({ at }, "counted");');
    expect(lines).toHaveLength(20_002);
    expect(lines.slice(2).every((line, index) => JSON.parse(line).at === index)).toBe(true);
  });
});

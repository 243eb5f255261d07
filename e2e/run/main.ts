import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { add, type Counts, countWhole, nothing, summary, verdictOf } from "./counts";
import { interruptStage, runStage } from "./run-stage";
import { type Stage, stagesFor } from "./stages";

// `npm test`: every stage with its output, then one line for the whole run.

const { values } = parseArgs({ options: { only: { type: "string" } } });

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interrupted.abort();
    interruptStage(signal);
  });
}

async function runAll(stages: readonly Stage[], folder: string): Promise<Counts> {
  const failed = new Set<string>();
  const lines: string[] = [];
  let total = nothing;
  for (const stage of stages) {
    const missing = stage.needs?.find((need) => failed.has(need));
    const begun = performance.now();
    print(`\n── ${stage.name} ${"─".repeat(60 - stage.name.length)}`);
    const isRun = missing === undefined && !interrupted.signal.aborted;
    const counts = isRun ? await runStage(stage, folder) : countWhole(false);
    if (missing !== undefined) print(`Not run, because ${missing} failed.`);
    if (counts.failed > 0) failed.add(stage.name);
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    lines.push(`${stage.name.padEnd(10)} ${verdictOf(counts).padEnd(7)} ${seconds.padStart(5)} s`);
    total = add(total, counts);
  }
  print(`\n${lines.join("\n")}\n`);
  // Whoever sees only the end of a log learns what to look at.
  for (const skip of total.skips) print(`skipped: ${skip}`);
  for (const failure of total.failures) print(`failed: ${failure}`);
  return total;
}

const folder = await mkdtemp(join(tmpdir(), "arena-run-"));
let total: Counts;
try {
  total = await runAll(stagesFor(values.only), folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
print(summary(total));
process.exitCode = total.failed > 0 ? 1 : 0;

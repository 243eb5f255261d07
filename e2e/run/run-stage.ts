import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnv } from "@/lib/env";
import { type Counts, countWhole, nothing, settle } from "./counts";
import type { Stage } from "./stages";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Between asking a stage that takes too long to end and ending it. */
const graceMs = 15_000;

let current: ChildProcess | undefined;

/** Hands a signal on to the stage that runs. */
export function interruptStage(signal: NodeJS.Signals): void {
  current?.kill(signal);
}

/** Runs a stage with its output shown. `folder` takes its report. */
export async function runStage(stage: Stage, folder: string): Promise<Counts> {
  const path = join(folder, `${stage.name}.json`);
  await rm(path, { force: true });
  const place = stage.report?.place(path);
  const exitCode = await run(stage, place?.args ?? [], place?.env ?? {});
  if (stage.report === undefined) return countWhole(exitCode === 0);
  return settle(await readCounts(stage.report.count, path), exitCode);
}

async function run(stage: Stage, args: string[], env: Record<string, string>): Promise<number | null> {
  const [program, ...given] = stage.command;
  const path = [join(root, "node_modules/.bin"), childEnv({})["PATH"]].join(delimiter);
  const child = spawn(program, [...given, ...args], {
    cwd: root,
    env: childEnv({ ...env, PATH: path }),
    stdio: ["ignore", "inherit", "inherit"],
  });
  current = child;
  const timers = [
    setTimeout(() => {
      process.stdout.write(`\n${stage.name} did not end within ${stage.limitMinutes} minutes.\n`);
      child.kill("SIGTERM");
      timers.push(setTimeout(() => child.kill("SIGKILL"), graceMs));
    }, stage.limitMinutes * 60_000),
  ];
  try {
    const [code] = await once(child, "exit");
    return code as number | null;
  } finally {
    current = undefined;
    for (const timer of timers) clearTimeout(timer);
  }
}

/** Without a readable report nothing is counted, which `settle` takes for a failure. */
async function readCounts(count: (report: unknown) => Counts, path: string): Promise<Counts> {
  try {
    return count(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    process.stdout.write(`\nThere is no report: ${error instanceof Error ? error.message : String(error)}\n`);
    return nothing;
  }
}

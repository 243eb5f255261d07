import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { access, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { childEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { projectRoot } from "./project-root";
import { hashSources } from "./source-hash";

const output = join(projectRoot, ".next");
const stampFile = join(output, "arena-build");

/** How often a build that goes on says so. */
const reminderMs = 15_000;
const shownLines = 40;

export type BuildOptions = {
  /** Takes the build's whole output; on failure its end is part of the error. */
  logFile: string;
  report: (line: string) => void;
  signal?: AbortSignal;
};

/**
 * Builds the pages when there is no build of the present sources. Returns whether it had to.
 * @throws `internal` with the end of the build's output.
 */
export async function buildPages({ logFile, report, signal }: BuildOptions): Promise<boolean> {
  const hash = await hashSources(projectRoot);
  if ((await readStamp()) === hash) return false;
  await mkdir(dirname(logFile), { recursive: true });
  await rm(stampFile, { force: true });
  report(`Building the pages; this is needed once for each version (log: ${logFile})`);
  const begun = performance.now();
  const reminder = setInterval(() => {
    report(`  still building (${Math.round((performance.now() - begun) / 1000)} s)`);
  }, reminderMs);
  try {
    await runBuild(logFile, signal);
  } finally {
    clearInterval(reminder);
  }
  await writeFile(stampFile, hash);
  return true;
}

async function runBuild(logFile: string, signal?: AbortSignal): Promise<void> {
  const next = createRequire(import.meta.url).resolve("next/dist/bin/next");
  const log = openSync(logFile, "w");
  const child = spawn(process.execPath, [next, "build"], {
    cwd: projectRoot,
    env: childEnv({ NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" }),
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  // The whole group: the build has workers of its own.
  const stop = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  signal?.addEventListener("abort", stop, { once: true });
  const [code] = await once(child, "exit");
  signal?.removeEventListener("abort", stop);
  signal?.throwIfAborted();
  if (code === 0) return;
  const end = (await readFile(logFile, "utf8")).trimEnd().split("\n").slice(-shownLines).join("\n");
  throw new AppError("internal", { message: `The pages could not be built. The end of ${logFile}:\n${end}` });
}

async function readStamp(): Promise<string | null> {
  try {
    await access(join(output, "BUILD_ID"));
    return await readFile(stampFile, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

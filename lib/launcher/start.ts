import { readLauncherEnv } from "@/lib/env";
import { isAppError } from "@/lib/errors";
import { buildPages } from "./build-pages";
import { programs } from "./children";
import { generateClient } from "./generate-client";
import { launch } from "./launch";
import { createProgress } from "./progress";
import { listenForStop } from "./stop-signals";

/** Runs the site in this process's terminal; resolves to the exit code. */
export async function start(): Promise<number> {
  const signals = listenForStop();
  const progress = createProgress((text) => process.stdout.write(text));
  try {
    const env = readLauncherEnv();
    // First, because the database code is compiled against it.
    await progress.step(
      (isNew) => (isNew ? "Generated the database client" : "Database client is up to date"),
      generateClient,
    );
    signals.stop.throwIfAborted();
    await launch({
      env,
      progress,
      signals,
      programs,
      build: (logFile, signal) => buildPages({ logFile, signal, report: progress.line }),
    });
    progress.line("Chat Arena has stopped");
    return 0;
  } catch (error) {
    if (signals.stop.aborted && error === signals.stop.reason) return 0;
    // What fails on purpose has its sentence; anything else is a defect, and its origin helps.
    process.stderr.write(`\n${isAppError(error) ? error.message : origin(error)}\n`);
    return 1;
  }
}

function origin(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import { readWorkerEnv } from "@/lib/env";
import { parseCli, usage } from "./cli";
import { currentPoolSize, neededPoolSize, runWithPoolSize } from "./thread-pool";

/** Entry of a worker process. Exit codes: 0 after a drain, 1 when it cannot run, 2 for a wrong command line. */
async function main(): Promise<number> {
  const result = parseCli(process.argv.slice(2));
  if (result.kind === "help") {
    process.stdout.write(usage);
    return 0;
  }
  if (result.kind === "error") {
    process.stderr.write(`${result.message} Try --help.\n`);
    return 2;
  }
  const { command } = result;
  const poolSize = neededPoolSize(
    command.engine === "llama" ? command.slots * (1 + command.adapters.length) : 1,
  );
  if (currentPoolSize() < poolSize) return runWithPoolSize(poolSize);
  const { runWorker, tell } = await import("./run-worker");
  try {
    await runWorker(command, readWorkerEnv());
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message}\n`);
    await tell({ type: "failed", message });
    return 1;
  }
}

// An exit code alone would wait for whatever the native library still holds open.
process.exit(await main());

import { childEnv, readWorkerEnv, setEnv } from "@/lib/env";
import { parseCli, type WorkerCommand } from "./cli";
import type { BuildTarget } from "./engine/llama";
import { gpuOrder, gpuVariables } from "./gpu/gpu-variables";
import { tell } from "./tell";
import { currentPoolSize, neededPoolSize, poolVariables, runWithPoolSize } from "./thread-pool";
import { usage } from "./usage";

/** Entry of a worker process. Exit codes: 0 after a drain, 75 to be started again, 1 when it cannot run, 2 for a wrong command line. */
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
  try {
    if (result.kind === "gpus") return await listGpus();
    if (result.kind === "build") return await build(result.target);
    return await run(result.command);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message}\n`);
    await tell({ type: "failed", message });
    return 1;
  }
}

async function run(command: WorkerCommand): Promise<number> {
  const poolSize = neededPoolSize(sequencesOf(command));
  if (command.engine === "llama" && command.gpu === "all") {
    const { runAllGpus } = await import("./gpu/run-all-gpus");
    return runAllGpus(poolVariables(Math.max(poolSize, currentPoolSize())));
  }
  if (currentPoolSize() < poolSize) return runWithPoolSize(poolSize);
  // Before the library is loaded, which reads them once.
  if (command.engine === "llama" && typeof command.gpu === "number") {
    setEnv(gpuVariables(command.gpu, childEnv({})));
  }
  const { runWorker } = await import("./run-worker");
  return await runWorker(command, readWorkerEnv());
}

/** Sequences that sample at the same time. */
function sequencesOf(command: WorkerCommand): number {
  if (command.engine !== "llama") return 1;
  return command.slots * (1 + command.furtherModels.length + command.adapters.length);
}

async function listGpus(): Promise<number> {
  setEnv(gpuOrder(childEnv({})));
  const { listGpus: list } = await import("./engine/llama");
  const names = await list();
  const lines = names.map((name, index) => `${index}  ${name}\n`);
  process.stdout.write(names.length === 0 ? "There is no GPU that llama can use.\n" : lines.join(""));
  await tell({ type: "gpus", names });
  return 0;
}

async function build(target: BuildTarget | "clear"): Promise<number> {
  const { buildLibrary, clearBuilds } = await import("./engine/llama");
  if (target === "clear") await clearBuilds();
  else await buildLibrary(target);
  process.stdout.write(
    target === "clear"
      ? "Workers use the prebuilt library again.\n"
      : "Built. Workers that start from now on use it.\n",
  );
  return 0;
}

// An exit code alone would wait for whatever the native library still holds open.
process.exit(await main());

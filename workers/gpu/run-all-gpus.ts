import { spawn } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { childEnv, readWorkerEnv } from "@/lib/env";
import { backoffMs } from "../lifecycle";
import { tell } from "../tell";
import { Fleet } from "./fleet";
import { gpuOrder } from "./gpu-variables";

const backoff = { firstMs: 1000, capMs: 60_000 } as const;

/** `--gpu all`: this very command line once for each GPU. Resolves to an exit code; errors: one sentence. */
export async function runAllGpus(variables: Record<string, string>): Promise<number> {
  const names = await findGpus();
  if (names.length === 0) {
    throw new Error("There is no GPU for --gpu all: the library found none. --gpu off uses the processor.");
  }
  const { ARENA_WORKER_PORT: port } = readWorkerEnv();
  const [program = "", ...args] = process.argv.slice(1);
  const members = names.map((_, index) => ({
    title: `GPU ${index}`,
    args: [...process.execArgv, program, ...withGpu(args, index)],
    // A port that was chosen is the first one's; the others have the ones after it.
    env: childEnv({ ...variables, ARENA_WORKER_PORT: String(port === 0 ? 0 : port + index) }),
  }));
  const fleet = new Fleet(members, {
    backoffMs: (attempt) => backoffMs(attempt, backoff, Math.random),
    report: (line) => process.stderr.write(`${line}\n`),
    onReady: (models, url) => void tell({ type: "ready", models, url }),
    onFailed: (message) => void tell({ type: "failed", message }),
  });
  // As one signal: a Ctrl-C reaches the children by itself, and two of a kind would end them at once.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => fleet.terminate());
  process.on("disconnect", () => fleet.disconnect());
  return fleet.run();
}

/** The arguments with `--gpu INDEX` for `--gpu all`. */
export function withGpu(args: readonly string[], index: number): string[] {
  return args.map((arg, at) => {
    if (arg === "--gpu=all") return `--gpu=${index}`;
    return arg === "all" && args[at - 1] === "--gpu" ? String(index) : arg;
  });
}

const gpusSchema = z.object({ type: z.literal("gpus"), names: z.array(z.string()) });

/** Names of the GPUs, found by a child: a library that has looked for them keeps some of their memory. */
async function findGpus(): Promise<string[]> {
  const [program = ""] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, program, "gpus"], {
    env: childEnv(gpuOrder(childEnv({}))),
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let names: string[] = [];
  child.on("message", (raw) => {
    const { data: message } = gpusSchema.safeParse(raw);
    if (message !== undefined) names = message.names;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error("The GPUs cannot be listed.");
  return names;
}

import { type ChildProcess, spawn } from "node:child_process";
import { childEnv } from "@/lib/env";

/**
 * libuv's pool runs decodes and samplings. Its size is read once, when the pool starts, which is long before our code
 * runs; so a process whose pool is too small starts itself again with a larger one. The launcher sets it beforehand.
 */

const defaultPoolSize = 4;
const variable = "UV_THREADPOOL_SIZE";

/** All slots sample at the same time, and never while a decode runs. */
export function neededPoolSize(slots: number): number {
  return Math.max(defaultPoolSize, slots);
}

export function currentPoolSize(): number {
  const size = Number(childEnv({})[variable]);
  return Number.isInteger(size) && size > 0 ? size : defaultPoolSize;
}

export function poolVariables(size: number): Record<string, string> {
  return { [variable]: String(size) };
}

/** Runs this very command line in a child with a larger pool; resolves to its exit code. */
export async function runWithPoolSize(size: number): Promise<number> {
  const hasChannel = process.send !== undefined;
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: childEnv(poolVariables(size)),
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  if (hasChannel) relayMessages(child);
  // A Ctrl-C reaches the child by itself, and a second one would end it at once: hand on the other signal.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

function relayMessages(child: ChildProcess): void {
  child.on("message", (message) => process.send?.(message));
  // The child notices the end of its own channel.
  process.on("disconnect", () => child.disconnect());
}

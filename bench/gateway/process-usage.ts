import { writeFileSync } from "node:fs";
import { memoryMib, processState } from "@/e2e/fixtures/proc";

export type ProcessUsage = {
  cpuSeconds: number;
  /** Most resident memory since `watchProcess`. */
  peakRssMib: number;
};

/** What a process uses from now on. The result is null where there is no /proc. Errors: the process has gone. */
export function watchProcess(pid: number): () => ProcessUsage | null {
  if (process.platform !== "linux") return () => null;
  const before = cpuSeconds(pid);
  // Sets the peak back to what is resident now.
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return () => ({ cpuSeconds: cpuSeconds(pid) - before, peakRssMib: memoryMib(pid, "VmHWM") });
}

function cpuSeconds(pid: number): number {
  const state = processState(pid);
  if (state === null) throw new Error(`Process ${pid} has ended.`);
  return state.cpuSeconds;
}

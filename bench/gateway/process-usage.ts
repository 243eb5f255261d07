import { readFileSync, writeFileSync } from "node:fs";

/** Kernel ticks a second in /proc; Linux gives 100 to programs on every architecture. */
const ticksPerSecond = 100;

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
  return () => ({ cpuSeconds: cpuSeconds(pid) - before, peakRssMib: peakRssMib(pid) });
}

/** `pid (name) state …`: the name may hold anything, so it is cut at its last bracket. Source: proc_pid_stat(5). */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks = Number.NaN, systemTicks = Number.NaN] = fields.slice(11, 13).map(Number);
  return (userTicks + systemTicks) / ticksPerSecond;
}

function peakRssMib(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return Number(kib) / 1024;
}

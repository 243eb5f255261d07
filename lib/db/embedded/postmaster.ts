import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode, processIsAlive } from "../process-lock";

/** What PostgreSQL writes into postmaster.pid (storage/pidfile.h). */
export type Postmaster = { pid: number; port: number; isReady: boolean };

export async function readPostmaster(directory: string): Promise<Postmaster | null> {
  try {
    const lines = (await readFile(join(directory, "postmaster.pid"), "utf8")).split("\n");
    const pid = Number(lines[0]);
    // Line 4 is the port, line 8 the state; a negative number is a stand-alone backend.
    return pid > 0 ? { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === "ready" } : null;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/**
 * Whether the process is the server of this cluster. PostgreSQL works in its data folder, which tells it from a process that got the same
 * number later. Where there is no /proc the number is believed, as PostgreSQL itself does.
 */
export async function isServerOf(directory: string, pid: number): Promise<boolean> {
  if (!processIsAlive(pid)) return false;
  try {
    return (await realpath(`/proc/${pid}/cwd`)) === (await realpath(directory));
  } catch {
    return process.platform !== "linux" && processIsAlive(pid);
  }
}

/** Fast shutdown (SIGINT): open transactions are rolled back, everything committed is written. Resolves when the process has gone. */
export async function stopServer(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGINT");
  } catch (error) {
    // It has just gone by itself.
    if (errorCode(error) !== "ESRCH") throw error;
  }
  // It is not our child, so there is no event to wait for.
  while (processIsAlive(pid)) await delay(25);
}

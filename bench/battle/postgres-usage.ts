import { readdirSync, readFileSync } from "node:fs";
import type { Rig } from "@/e2e/chaos/rig";

/** What PostgreSQL has done from one moment to another. */
export type PostgresUsage = { cpuSeconds: number; transactions: number; walMib: number; memoryMib: number };

/** Watches the server of the rig from now on; CPU and memory from /proc, of all its processes. */
export async function watchPostgres(rig: Rig): Promise<() => Promise<PostgresUsage>> {
  const before = { ...(await counters(rig)), ...processesOf(rig.postgresPid) };
  return async () => {
    const after = { ...(await counters(rig)), ...processesOf(rig.postgresPid) };
    return {
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      transactions: after.transactions - before.transactions,
      walMib: (after.walBytes - before.walBytes) / 1024 / 1024,
      memoryMib: after.pssMib,
    };
  };
}

async function counters(rig: Rig): Promise<{ transactions: number; walBytes: number }> {
  const [row] = await rig.query<{ transactions: string; wal: string }>(
    `SELECT xact_commit::text AS transactions, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text AS wal
     FROM pg_stat_database WHERE datname = current_database()`,
  );
  return { transactions: Number(row?.transactions), walBytes: Number(row?.wal) };
}

const ticksPerSecond = 100;

/** The postmaster and its children. Of children that have ended, the postmaster's own line has the time. Source: proc_pid_stat(5). */
function processesOf(postmaster: number): { cpuSeconds: number; pssMib: number } {
  let ticks = 0;
  let kib = 0;
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const pid = Number(name);
    const fields = statOf(pid);
    if (fields === null || (pid !== postmaster && Number(fields[1]) !== postmaster)) continue;
    const own = Number(fields[11]) + Number(fields[12]);
    const ended = pid === postmaster ? Number(fields[13]) + Number(fields[14]) : 0;
    ticks += own + ended;
    kib += proportionalKib(pid);
  }
  return { cpuSeconds: ticks / ticksPerSecond, pssMib: kib / 1024 };
}

/** From the state on; null where the process has gone meanwhile. */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** Shared memory counts once, divided among those who share it. */
function proportionalKib(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1]);
  } catch {
    return 0;
  }
}

import type { Rig } from "@/e2e/chaos/rig";
import { familyOf, memoryMib } from "@/e2e/fixtures/proc";
import { sum } from "../stats";

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

function processesOf(postmaster: number): { cpuSeconds: number; pssMib: number } {
  const { members, cpuSeconds } = familyOf(postmaster);
  // One that has ended meanwhile holds nothing.
  return { cpuSeconds, pssMib: sum(members.map(({ pid }) => memoryMib(pid, "Pss") || 0)) };
}

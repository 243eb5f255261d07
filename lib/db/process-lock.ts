import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

/**
 * A lock file that names the process that holds it. A process number alone says too little: after a restart of a
 * container or a machine the same number often belongs to somebody else, so the time at which the process began is kept too.
 */
const holderSchema = z.object({ pid: z.number().int().positive(), begun: z.string() });
export type LockHolder = z.infer<typeof holderSchema>;

export type LockResult = { held: true; release: () => Promise<void> } | { held: false; holder: LockHolder };

/**
 * Takes the lock at `path`, or says which live process has it. A lock left by a dead process is taken over.
 * @throws what the file system throws when the folder cannot be written.
 */
export async function takeLock(path: string): Promise<LockResult> {
  await mkdir(dirname(path), { recursive: true });
  const mine: LockHolder = { pid: process.pid, begun: (await processBegun(process.pid)) ?? "" };
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      // A link appears whole or not at all, so nobody reads a half-written lock.
      if (await appears(() => link(draft, path))) return { held: true, release: () => release(path, mine) };
      const holder = await readHolder(path);
      if (holder && (await isAlive(holder))) return { held: false, holder };
      await removeStale(path, holder);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** True while the very process that took the lock lives. */
async function isAlive(holder: LockHolder): Promise<boolean> {
  return processIsAlive(holder.pid) && (await processBegun(holder.pid)) === (holder.begun || null);
}

/** A process that has ended and waits for its parent to notice counts as ended: in a container nobody may ever notice. */
export function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    if (errorCode(error) !== "EPERM") return false;
  }
  return !/^[ZX]/.test(readStat(pid)?.[0] ?? "");
}

/** The fields of /proc/<pid>/stat from the third on, the state; see proc(5). Null where there is no /proc, or no such process. */
function readStat(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second is the command in parentheses and may hold spaces.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** Boot and start time of a process, which together never repeat; null where /proc does not tell (other systems). */
async function processBegun(pid: number): Promise<string | null> {
  const stat = readStat(pid);
  if (stat === null) return null;
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  // Field 22, starttime.
  return `${boot.trim()}/${stat[19]}`;
}

/**
 * Moves a dead process's lock away. Between our reading and our moving another process may have replaced it by its own:
 * then what we moved is not what we judged, and it goes back.
 */
async function removeStale(path: string, judged: LockHolder | null): Promise<void> {
  const aside = `${path}.stale.${randomUUID()}`;
  if (!(await exists(() => rename(path, aside)))) return;
  const moved = await readHolder(aside);
  if (moved && (moved.pid !== judged?.pid || moved.begun !== judged.begun)) {
    await appears(() => link(aside, path));
  }
  await rm(aside, { force: true });
}

async function release(path: string, mine: LockHolder): Promise<void> {
  const holder = await readHolder(path);
  if (holder?.pid === mine.pid && holder.begun === mine.begun) await rm(path, { force: true });
}

async function readHolder(path: string): Promise<LockHolder | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || errorCode(error) === "ENOENT")
      return null;
    throw error;
  }
}

const appears = (act: () => Promise<void>): Promise<boolean> => unless("EEXIST", act);
const exists = (act: () => Promise<void>): Promise<boolean> => unless("ENOENT", act);

async function unless(code: string, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (errorCode(error) === code) return false;
    throw error;
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

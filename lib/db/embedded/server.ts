import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@/lib/errors";
import { errorCode } from "../process-lock";
import { type Account, commandAs } from "./account";
import { findFreePort } from "./free-port";
import { readPostmaster } from "./postmaster";

export type Server = { child: ChildProcess; pid: number; port: number };

/**
 * Starts the server of a prepared cluster on a free port and waits until it answers.
 * @throws `database_unavailable` with PostgreSQL's own reason.
 */
export async function startServer(
  binary: string,
  account: Account,
  directory: string,
  isTemporary: boolean,
): Promise<Server> {
  const log = `${directory}.log`;
  await rotate(log);
  for (let attempt = 1; ; attempt++) {
    const begin = await size(log);
    const port = await findFreePort();
    const command = commandAs(account, binary, ["-D", directory, ...settings(port, isTemporary)]);
    const child = await spawnServer(command, log);
    if (await becomesReady(child, directory)) return { child, pid: child.pid ?? 0, port };
    const said = (await readFile(log, "utf8")).slice(begin);
    // The port went to somebody else, or the last backends of a killed server have not noticed its end yet. Both pass.
    const passes = /could not bind|pre-existing shared memory block|Address already in use/.test(said);
    if (!passes || attempt === 20) throw startFailure(said, log);
    await delay(250);
  }
}

function settings(port: number, isTemporary: boolean): string[] {
  const pairs = {
    listen_addresses: "127.0.0.1",
    port,
    // Sockets would need a path of less than 108 bytes that both users can reach.
    unix_socket_directories: "",
    shared_buffers: "64MB",
    max_connections: 200,
    fsync: isTemporary ? "off" : "on",
    synchronous_commit: isTemporary ? "off" : "on",
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] ",
  };
  return Object.entries(pairs).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

async function spawnServer(command: ReturnType<typeof commandAs>, log: string): Promise<ChildProcess> {
  // A file and not a pipe: a server whose owner was killed must still be able to write.
  const output = openSync(log, "a", 0o600);
  try {
    const child = spawn(command.file, command.args, {
      ...command.options,
      detached: true,
      stdio: ["ignore", output, output],
    });
    await once(child, "spawn");
    return child;
  } finally {
    closeSync(output);
  }
}

/** False when the server ended instead. However long a recovery takes, it is waited for. */
async function becomesReady(child: ChildProcess, directory: string): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    // PostgreSQL tells it nowhere else; pg_ctl looks into this file in the same way.
    const postmaster = await readPostmaster(directory);
    if (postmaster?.pid === child.pid && postmaster?.isReady) return true;
    await delay(20);
  }
  return false;
}

export async function hasExited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

function startFailure(said: string, log: string): AppError {
  const line = said.split("\n").find((text) => /FATAL|PANIC|error while|could not/.test(text));
  const reason = line?.replace(/^(.*(FATAL|PANIC)|postgres):\s*/, "") ?? "it gave no reason";
  return new AppError("database_unavailable", {
    message: `PostgreSQL did not start: ${reason}. More in ${log}.`,
  });
}

/** One old log is kept, so that logs do not grow for ever. */
async function rotate(log: string): Promise<void> {
  await mkdir(dirname(log), { recursive: true });
  if ((await size(log)) > 4 * 1024 * 1024) await rename(log, `${log}.1`);
}

async function size(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return 0;
    throw error;
  }
}

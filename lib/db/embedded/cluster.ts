import { execFile } from "node:child_process";
import { access, chown, constants, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { AppError } from "@/lib/errors";
import { errorCode } from "../process-lock";
import { type Account, chooseAccount, chooseOwner, commandAs } from "./account";
import type { PostgresBinaries } from "./binaries";

const run = promisify(execFile);

/** The cluster's superuser. The site itself works as an ordinary role. */
export const superuser = "postgres";

export type ClusterOptions = { directory: string; password: string; isDurable: boolean };

/**
 * Makes sure that there is a cluster of the right version in the folder, and says under which account it runs.
 * @throws `database_unavailable` with a sentence for the operator.
 */
export async function prepareCluster(binaries: PostgresBinaries, options: ClusterOptions): Promise<Account> {
  const { directory } = options;
  await makeFolder(dirname(directory));
  const ids = await chooseOwner(directory);
  const version = await clusterVersion(directory);
  if (version !== null) {
    const account = await chooseAccount(ids, directory, binaries.postgres);
    await checkVersion(binaries, account, directory, version);
    return account;
  }
  return await initialise(binaries, ids, options);
}

async function initialise(
  binaries: PostgresBinaries,
  ids: Account["ids"],
  { directory, password, isDurable }: ClusterOptions,
): Promise<Account> {
  // Made beside its place and moved there when it is complete: an interrupted start leaves no half-made cluster.
  const draft = `${directory}.new`;
  const passwordFile = `${directory}.password`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (ids !== null) {
      await chown(draft, ids.uid, ids.gid);
      await chown(passwordFile, ids.uid, ids.gid);
    }
    const account = await chooseAccount(ids, draft, binaries.postgres);
    const command = commandAs(account, binaries.initdb, [
      `--pgdata=${draft}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      ...((await majorOf(binaries, account)) >= 17 ? builtinLocale : []),
      "--locale=C",
      "--no-instructions",
      ...(isDurable ? [] : ["--no-sync"]),
    ]);
    await run(command.file, command.args, command.options);
    // An empty folder may already be in the place.
    await rm(directory, { recursive: true, force: true });
    await rename(draft, directory);
    return account;
  } catch (cause) {
    throw explain(cause, `PostgreSQL could not make a database in ${directory}`);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** The built-in provider sorts alike on every machine: the system's and ICU's collations change with their versions. */
const builtinLocale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"];

async function majorOf(binaries: PostgresBinaries, account: Account): Promise<number> {
  const command = commandAs(account, binaries.postgres, ["--version"]);
  const { stdout } = await run(command.file, command.args, command.options);
  // "postgres (PostgreSQL) 18.4"
  return Number(/(\d+)(\.|devel|beta|rc)/.exec(stdout.toString())?.[1]);
}

async function clusterVersion(directory: string): Promise<string | null> {
  try {
    return (await readFile(join(directory, "PG_VERSION"), "utf8")).trim();
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw explain(error, `The database in ${directory} cannot be read`);
  }
  await refuseForeignFiles(directory);
  return null;
}

/** A folder with files but without PG_VERSION is not ours to replace. */
async function refuseForeignFiles(directory: string): Promise<void> {
  try {
    if ((await readdir(directory)).length === 0) return;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw explain(error, `The folder ${directory} cannot be read`);
  }
  throw new AppError("database_unavailable", {
    message: `The folder ${directory} holds files that are no PostgreSQL database; move them away or set ARENA_DATA_DIR to another folder.`,
  });
}

async function checkVersion(
  binaries: PostgresBinaries,
  account: Account,
  directory: string,
  version: string,
): Promise<void> {
  const ours = await majorOf(binaries, account);
  if (String(ours) === version) return;
  throw new AppError("database_unavailable", {
    message: `The database in ${directory} was made by PostgreSQL ${version}, and this is PostgreSQL ${ours}; dump it with version ${version} and load it into a new folder (ARENA_DATA_DIR), or run version ${version} and set DATABASE_URL.`,
  });
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o755 });
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw explain(error, `The data folder ${path} cannot be written`);
  }
}

function explain(cause: unknown, what: string): AppError {
  if (cause instanceof AppError) return cause;
  const stderr = (cause as { stderr?: unknown }).stderr;
  const lines =
    typeof stderr === "string"
      ? stderr.split("\n").filter((line) => /error|fatal|could not/i.test(line))
      : [];
  const reason = lines[0] ?? errorCode(cause) ?? String(cause);
  return new AppError("database_unavailable", { message: `${what} (${reason.trim()}).`, cause });
}

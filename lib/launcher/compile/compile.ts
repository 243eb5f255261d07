import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@/lib/errors";
import { compiledHash } from "./compiled-hash.mjs";
import { programs } from "./programs";
import { sourceUrls } from "./source-urls";

/** Older versions that stay: a site that runs goes on loading parts of its own. */
const keptVersions = 2;

/**
 * Compiles every program into `.compiled/<hash>`, and names that folder in `.compiled/current`. Our own modules are bundled
 * and split where programs share them; packages stay outside. A folder appears whole or not at all, so several may compile
 * at the same time. Returns whether there was anything to do.
 *
 * @throws `internal` with what the compiler said
 */
export async function compile(root: string): Promise<boolean> {
  const folder = join(root, ".compiled");
  const name = await compiledHash(root);
  const target = join(folder, name);
  const isThere = await exists(target);
  if (!isThere) {
    await mkdir(folder, { recursive: true });
    const draft = await mkdtemp(join(folder, "draft-"));
    try {
      await bundle(root, programs, draft);
      // A site may run as another user than the one who built it.
      await chmod(draft, 0o755);
      await putInPlace(draft, target);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  const draft = join(folder, `current.${process.pid}`);
  await writeFile(draft, `${name}\n`);
  await rename(draft, join(folder, "current"));
  await removeOld(folder, name);
  return !isThere;
}

/**
 * Bundles programs (name → source, below the root) into `outdir`, which must lie below the root for its packages to be found.
 *
 * @throws `internal` with what the compiler said
 */
export async function bundle(
  root: string,
  sources: Readonly<Record<string, string>>,
  outdir: string,
): Promise<void> {
  const { build } = await import("esbuild");
  try {
    await build({
      entryPoints: Object.fromEntries(
        Object.entries(sources).map(([name, source]) => [name, join(root, source)]),
      ),
      outdir,
      absWorkingDir: root,
      tsconfig: join(root, "tsconfig.json"),
      bundle: true,
      splitting: true,
      packages: "external",
      format: "esm",
      platform: "node",
      target: "node20.19",
      sourcemap: true,
      // The sources are beside it; a stack trace needs their names and lines only.
      sourcesContent: false,
      plugins: [sourceUrls(root)],
      logLevel: "silent",
    });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("internal", { message: `The programs could not be compiled. ${said}`, cause });
  }
}

async function putInPlace(draft: string, target: string): Promise<void> {
  try {
    await rename(draft, target);
  } catch (error) {
    // Another process was first; its folder has the same content.
    if (!(await exists(target))) throw error;
  }
}

async function removeOld(folder: string, current: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== current);
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = dated.sort((a, b) => b.at - a.at).slice(keptVersions);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { recursive: true, force: true })));
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

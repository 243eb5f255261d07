import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** What the pages are built from, relative to the project's root. */
const sources = [
  "app",
  "lib",
  "public",
  "next.config.ts",
  "postcss.config.mjs",
  "package-lock.json",
  "prisma/schema.prisma",
];

/** Parts of those that no page contains: tests, and what is generated from the schema. */
const isIrrelevant = (path: string): boolean =>
  /\.test\.tsx?$/.test(path) || path === "lib/db/generated" || path === "lib/launcher";

/** Changes when a file that the pages are built from changes, appears or goes. */
export async function hashSources(root: string): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const path of await listFiles(root, source)) {
      hash
        .update(`${path}\0`)
        .update(await readFile(join(root, path)))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

async function listFiles(root: string, path: string): Promise<string[]> {
  if (isIrrelevant(path)) return [];
  const found = await kindOf(join(root, path));
  if (found === "file") return [path];
  if (found === null) return [];
  const names = (await readdir(join(root, path))).sort();
  const nested = await Promise.all(names.map((name) => listFiles(root, `${path}/${name}`)));
  return nested.flat();
}

async function kindOf(path: string): Promise<"file" | "folder" | null> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

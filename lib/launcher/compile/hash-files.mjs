import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

// Plain JavaScript, because it decides whether anything has to be compiled.

/**
 * SHA-256 over the names and contents of files and folders under `root`; what does not exist counts as empty.
 *
 * @param {string} root
 * @param {readonly string[]} sources relative to `root`
 * @param {(path: string) => boolean} isIrrelevant leaves a file or a folder out
 * @returns {Promise<string>}
 */
export async function hashFiles(root, sources, isIrrelevant) {
  const hash = createHash("sha256");
  for (const source of sources) {
    const paths = await listFiles(root, source, isIrrelevant);
    const contents = await Promise.all(paths.map((path) => readFile(join(root, path))));
    paths.forEach((path, index) => {
      hash.update(`${path}\0`).update(contents[index]).update("\0");
    });
  }
  return hash.digest("hex");
}

async function listFiles(root, path, isIrrelevant) {
  if (isIrrelevant(path)) return [];
  const found = await kindOf(join(root, path));
  if (found === "file") return [path];
  if (found === null) return [];
  const names = (await readdir(join(root, path))).sort();
  const nested = await Promise.all(names.map((name) => listFiles(root, `${path}/${name}`, isIrrelevant)));
  return nested.flat();
}

async function kindOf(path) {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

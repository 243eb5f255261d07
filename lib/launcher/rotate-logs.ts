import { readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";

const largestBytes = 8 * 1024 * 1024;

/** Puts large logs aside at a start, over the ones put aside before. */
export async function rotateLogs(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.endsWith(".log") && (await stat(path)).size > largestBytes) await rename(path, `${path}.1`);
  }
}

import { stat } from "node:fs/promises";

/** Whether there is a file or folder. Errors: the system's own where that cannot be told, e.g. for want of a right. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

import { join } from "node:path";
import { AppError } from "@/lib/errors";

/**
 * One Chat Arena for each data folder.
 * @throws `internal` with one sentence that names the process which runs there.
 */
export async function takeRunLock(dataDir: string): Promise<{ release: () => Promise<void> }> {
  const { takeLock } = await import("@/lib/db");
  const lock = await take();
  if (lock.held) return lock;
  throw new AppError("internal", {
    message: `Chat Arena already runs on ${dataDir} (process ${lock.holder.pid}). Stop it, or set ARENA_DATA_DIR and PORT for a second one.`,
  });

  async function take() {
    try {
      return await takeLock(join(dataDir, "run.lock"));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new AppError("internal", {
        message: `The data folder ${dataDir} cannot be written (${code}). Set ARENA_DATA_DIR to a folder that this user may write.`,
        cause,
      });
    }
  }
}

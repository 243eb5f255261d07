import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { AppError } from "@/lib/errors";

export type ReleaseMakerDeps = {
  databaseUrl: string;
  releasesFolder: string;
  logger: { error(fields: object, message: string): void };
};

export type ReleaseMaker = {
  /** Errors: `invalid_request` for a name that a release has already. */
  requireFree(release: string): Promise<void>;
  /** Begins to make the release of a job that is written down (startReleaseJob), and does not wait for it. */
  begin(jobId: string): void;
  /** Breaks off what is being made, which its job then says. */
  close(): Promise<void>;
};

/** What a thread has to write down how it ended. */
const graceMs = 5_000;

/**
 * Makes releases in a thread of their own, one for each job: reading every vote and fitting every board would hold up the
 * server's event loop. How far it is stands in the job's row, so that every server can tell.
 */
export function createReleaseMaker({ databaseUrl, releasesFolder, logger }: ReleaseMakerDeps): ReleaseMaker {
  const running = new Map<string, { thread: Worker; ended: Promise<void> }>();
  return {
    async requireFree(release) {
      try {
        await stat(join(releasesFolder, release));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
        throw error;
      }
      const message = `There is a release named "${release}" already.`;
      throw new AppError("invalid_request", { message, param: "release" });
    },
    begin(jobId) {
      const thread = new Worker(new URL("./start-release-thread.mjs", import.meta.url), {
        workerData: { databaseUrl, releasesFolder, jobId },
        execArgv: [],
      });
      thread.unref();
      thread.on("error", (error) => logger.error({ err: error, jobId }, "a release could not be made"));
      const ended = new Promise<void>((resolve) => {
        thread.once("exit", () => {
          running.delete(jobId);
          resolve();
        });
      });
      running.set(jobId, { thread, ended });
    },
    async close() {
      await Promise.all(
        [...running.values()].map(async ({ thread, ended }) => {
          thread.postMessage("end");
          const timer = setTimeout(() => void thread.terminate(), graceMs);
          await ended;
          clearTimeout(timer);
        }),
      );
    },
  };
}

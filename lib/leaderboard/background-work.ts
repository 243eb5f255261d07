import { Worker } from "node:worker_threads";
import { z } from "zod";
import type { PairCounts } from "@/lib/rating";
import type { BoardKey } from "./board-fits";
import type { Calibration } from "./calibrate";
import type { StyleFitResult } from "./style-fit";

export const threadDataSchema = z.object({ databaseUrl: z.string() });

export type Job =
  | { kind: "style"; key: BoardKey }
  | { kind: "calibration"; modelCount: number; pairs: readonly PairCounts[] };

type ResultOf<J extends Job> = J extends { kind: "style" } ? StyleFitResult | null : Calibration;

export type BackgroundWork = {
  /** Does a job in the thread, after those before it. Rejects with the job's error, or when the thread has ended. */
  run<J extends Job>(job: J): Promise<ResultOf<J>>;
  /** Ends the thread; what is under way rejects. */
  close(): Promise<void>;
};

type Waiting = { resolve: (result: never) => void; reject: (error: unknown) => void };

/**
 * A thread for work that would hold up the server's event loop. It is started with the first job, and again after it has
 * ended; it does not keep the process alive.
 */
export function createBackgroundWork(databaseUrl: string): BackgroundWork {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | null = null;
  let latestId = 0;
  let isClosed = false;

  function start(): Worker {
    const started = new Worker(new URL("./start-thread.mjs", import.meta.url), {
      workerData: { databaseUrl } satisfies z.infer<typeof threadDataSchema>,
      execArgv: [],
    });
    started.unref();
    started.on("message", ({ id, result, error }: { id: number; result?: never; error?: unknown }) => {
      const job = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) job?.resolve(result as never);
      else job?.reject(error);
    });
    const end = (error: unknown) => {
      if (thread !== started) return;
      thread = null;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on("error", end);
    started.on("exit", () => end(new Error("The thread of the leaderboard has ended.")));
    return started;
  }

  return {
    run(job) {
      if (isClosed) return Promise.reject(new Error("The leaderboard is closed."));
      thread ??= start();
      latestId += 1;
      const id = latestId;
      const answer = new Promise<never>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
      });
      thread.postMessage({ id, job });
      return answer;
    },
    async close() {
      isClosed = true;
      await thread?.terminate();
    },
  };
}

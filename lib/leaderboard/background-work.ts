import { Worker } from "node:worker_threads";
import { z } from "zod";
import type { BoardName } from "@/lib/protocol";
import type { PairCounts, SamplingProjectionResult } from "@/lib/rating";
import type { BoardKey } from "./board-fits";
import type { Calibration } from "./calibrate";
import type { ProjectionJob } from "./project-sampling";
import type { StyleFitResult } from "./style-fit";
import type { VoteFileParts } from "./vote-files";

export const threadDataSchema = z.object({ databaseUrl: z.string(), secret: z.string() });

export type Job =
  | { kind: "style"; key: BoardKey }
  | { kind: "calibration"; modelCount: number; pairs: readonly PairCounts[] }
  | { kind: "votes"; board: BoardName; asOf: number | null }
  | { kind: "sampling"; projection: ProjectionJob };

type Results = {
  style: StyleFitResult | null;
  calibration: Calibration;
  votes: VoteFileParts;
  sampling: SamplingProjectionResult;
};
type ResultOf<J extends Job> = Results[J["kind"]];

/** What the thread is told: to do a job, or that nobody waits for it any more. */
export type ThreadMessage = { id: number; job: Job } | { id: number; job: null };

export type BackgroundWork = {
  /**
   * Does a job in the thread, after those before it. Rejects with the job's error, when the thread has ended, or at once
   * with the signal's reason when that aborts; the thread then gives the job up where it can.
   */
  run<J extends Job>(job: J, signal?: AbortSignal): Promise<ResultOf<J>>;
  /** Ends the thread; what is under way rejects. */
  close(): Promise<void>;
};

type Waiting = { resolve: (result: never) => void; reject: (error: unknown) => void };

/**
 * A thread for work that would hold up the server's event loop. It is started with the first job, and again after it has
 * ended; it does not keep the process alive.
 */
export function createBackgroundWork(data: z.infer<typeof threadDataSchema>): BackgroundWork {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | null = null;
  let latestId = 0;
  let isClosed = false;

  function start(): Worker {
    const started = new Worker(new URL("./start-thread.mjs", import.meta.url), {
      workerData: data,
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
    async run(job, signal) {
      if (isClosed) throw new Error("The leaderboard is closed.");
      signal?.throwIfAborted();
      const worker = thread ?? start();
      thread = worker;
      latestId += 1;
      const id = latestId;
      const giveUp = () => {
        waiting.get(id)?.reject(signal?.reason);
        waiting.delete(id);
        worker.postMessage({ id, job: null } satisfies ThreadMessage);
      };
      const answer = new Promise<never>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
      });
      signal?.addEventListener("abort", giveUp, { once: true });
      worker.postMessage({ id, job } satisfies ThreadMessage);
      return await answer.finally(() => signal?.removeEventListener("abort", giveUp));
    },
    async close() {
      isClosed = true;
      await thread?.terminate();
    },
  };
}

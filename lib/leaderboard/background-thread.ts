import { parentPort, workerData } from "node:worker_threads";
import { type Job, type ThreadMessage, threadDataSchema } from "./background-work";
import { calibrate } from "./calibrate";
import { runProjection } from "./project-sampling";
import { fitStyle } from "./style-fit";
import { makeVoteFile } from "./vote-files";

// The other side of `background-work`: one job after another, each until it is done or nobody waits for it.

const { databaseUrl, secret } = threadDataSchema.parse(workerData);
const running = new Map<number, AbortController>();
let last = Promise.resolve();

parentPort?.on("message", ({ id, job }: ThreadMessage) => {
  if (job === null) {
    running.get(id)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(id, controller);
  last = last.then(() => answer(id, job, controller.signal));
});

async function answer(id: number, job: Job, signal: AbortSignal): Promise<void> {
  try {
    signal.throwIfAborted();
    const result = await run(job, signal);
    parentPort?.postMessage({ id, result });
  } catch (error) {
    parentPort?.postMessage({ id, error });
  } finally {
    running.delete(id);
  }
}

function run(job: Job, signal: AbortSignal) {
  switch (job.kind) {
    case "style":
      return fitStyle(databaseUrl, secret, job.key, signal);
    case "votes":
      return makeVoteFile(databaseUrl, secret, job.board, signal, job.asOf);
    case "calibration":
      return calibrate(job.modelCount, job.pairs);
    case "sampling":
      return runProjection(job.projection, signal);
  }
}

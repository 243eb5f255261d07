import { parentPort, workerData } from "node:worker_threads";
import { type Job, threadDataSchema } from "./background-work";
import { calibrate } from "./calibrate";
import { fitStyle } from "./style-fit";

// The other side of `background-work`: one job after another.

const { databaseUrl } = threadDataSchema.parse(workerData);

parentPort?.on("message", async ({ id, job }: { id: number; job: Job }) => {
  try {
    const result =
      job.kind === "style" ? await fitStyle(databaseUrl, job.key) : calibrate(job.modelCount, job.pairs);
    parentPort?.postMessage({ id, result });
  } catch (error) {
    parentPort?.postMessage({ id, error });
  }
});

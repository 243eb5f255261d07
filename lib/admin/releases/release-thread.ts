import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { closeDatabase, createDatabase } from "@/lib/db";
import { runRelease } from "./run-release";

// The other side of `release-maker`: one job, then it ends. Any message asks it to end before.

const dataSchema = z.object({ databaseUrl: z.string(), releasesFolder: z.string(), jobId: z.string() });
const { jobId, ...places } = dataSchema.parse(workerData);
const leaving = new AbortController();
parentPort?.once("message", () => leaving.abort());
const db = createDatabase(places.databaseUrl, { maxConnections: 2 });
try {
  await runRelease({ db, ...places }, jobId, leaving.signal);
} finally {
  await closeDatabase(db);
  parentPort?.close();
}

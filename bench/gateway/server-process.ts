import { writeFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import { parseArgs } from "node:util";
import { createKey } from "@/lib/accounts";
import { closeDatabase, createDatabase } from "@/lib/db";
import { readServerEnv } from "@/lib/env";
import { buildSite, createLogger } from "@/lib/server";

/**
 * Our server as `npm start` composes it, without the pages: no request of this benchmark goes to one. `--profile FILE`: a
 * CPU profile of the time between being ready and being told to stop.
 */

const { values } = parseArgs({ options: { profile: { type: "string" } } });
const samplingIntervalMicroseconds = 1_000;

const env = readServerEnv();
const db = createDatabase(env.DATABASE_URL);
/** No limit is reached, but each is counted. */
const outOfReach = 2_000_000_000;
const { secret: apiKey } = await createKey(db, {
  ...{ name: "bench", ownerLabel: "bench", maxConcurrent: outOfReach },
  ...{ requestsPerMinute: outOfReach, tokensPerMinute: outOfReach },
  ...{ requestsPerDay: outOfReach, tokensPerDay: outOfReach },
});
const site = await buildSite({
  env,
  db,
  logger: createLogger(env.ARENA_LOG_LEVEL, { process: "server" }),
  pages: async (_request, response) => {
    response.writeHead(404).end();
  },
});
const stopped = new Promise((resolve) => {
  process.once("SIGTERM", resolve);
  process.once("disconnect", resolve);
});
const url = await site.listen();
const inspector = new Session();
if (values.profile !== undefined) {
  inspector.connect();
  await inspector.post("Profiler.enable");
  await inspector.post("Profiler.setSamplingInterval", { interval: samplingIntervalMicroseconds });
  await inspector.post("Profiler.start");
}
process.send?.({ type: "ready", url, apiKey });
await stopped;
if (values.profile !== undefined) {
  const { profile } = await inspector.post("Profiler.stop");
  await writeFile(values.profile, JSON.stringify(profile));
}
await site.close();
await closeDatabase(db);
process.exit(0);

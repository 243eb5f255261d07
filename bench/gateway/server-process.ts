import { parseArgs } from "node:util";
import { createKey } from "@/lib/accounts";
import { closeDatabase, createDatabase } from "@/lib/db";
import { readServerEnv } from "@/lib/env";
import { buildSite, createLogger } from "@/lib/server";
import { type ProfileKind, startProfile } from "./server-profile";

/**
 * Our server as `npm start` composes it, without the pages: no request of this benchmark goes to one. `--profile FILE`: a
 * profile of the time between being ready and being told to stop; `--kind`: see {@link ProfileKind}.
 */

const { values } = parseArgs({ options: { profile: { type: "string" }, kind: { type: "string" } } });

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
const endProfile =
  values.profile === undefined ? null : await startProfile(values.kind as ProfileKind, values.profile);
process.send?.({ type: "ready", url, apiKey });
await stopped;
await endProfile?.();
await site.close();
await closeDatabase(db);
process.exit(0);

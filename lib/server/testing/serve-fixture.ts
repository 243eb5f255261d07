import { readServerEnv } from "@/lib/env";
import { createLogger } from "../create-logger";
import { announceFailure } from "../process-lifecycle";
import { serve } from "../serve";

/** For tests: a server process as it is, with one page in place of Next's, which would have to be built. */

try {
  const env = readServerEnv();
  await serve(env, createLogger(env.ARENA_LOG_LEVEL, { process: "server" }), {
    prepare: async () => async (_request, response) => void response.end("a page"),
    close: async () => undefined,
  });
  process.exit(0);
} catch (error) {
  announceFailure(error, true);
  process.exit(1);
}

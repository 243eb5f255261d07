import cluster from "node:cluster";
import { readServerEnv } from "@/lib/env";
import { isAppError } from "@/lib/errors";
import { runCluster } from "./cluster";
import { createLogger } from "./create-logger";
import { announce, announceFailure, whenToldToStop } from "./process-lifecycle";

/** What the processes of a cluster may take beyond the drain limit before they are killed; less than the launcher's own. */
const drainMarginMs = 4_000;

try {
  const env = readServerEnv();
  const logger = createLogger(env.ARENA_LOG_LEVEL, { process: "server", member: cluster.worker?.id });
  if (env.WEB_CONCURRENCY > 1 && cluster.isPrimary) {
    await runCluster({
      size: env.WEB_CONCURRENCY,
      graceMs: env.ARENA_DRAIN_MS + drainMarginMs,
      logger,
      toldToStop: whenToldToStop(),
      onReady: (url) => announce({ type: "ready", url }),
    });
  } else {
    // Only here: the process that holds a cluster together needs neither Next nor the rest of the site.
    const [{ serve }, { nextPages }] = await Promise.all([import("./serve"), import("./next-pages")]);
    await serve(env, logger, nextPages(env));
  }
  process.exit(0);
} catch (error) {
  announceFailure(error, isAppError(error));
  process.exit(1);
}

import cluster from "node:cluster";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { Registry } from "prom-client";
import { closeDatabase, createDatabase } from "@/lib/db";
import type { ServerEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { buildSite, type SiteDeps } from "./build-site";
import { answerCollections, scrapeCluster } from "./cluster-metrics";
import { announce, whenToldToStop } from "./process-lifecycle";
import { requireSchema } from "./require-schema";
import { provideServices } from "./services";

/** What answers the paths that are not the server's own. */
export type Pages = {
  /** Called once, when the services are there for the pages to use. */
  prepare(): Promise<SiteDeps["pages"]>;
  close(): Promise<void>;
};

/** Connections to the database: all processes of a machine together stay well below PostgreSQL's default of 100. */
const maxConnections = { each: 10, least: 4, together: 50 } as const;

/** What closing may take beyond the drain limit: a database that hangs must not hold a stop. */
const closingMs = 900;

/**
 * One server process: Fastify in front, the pages behind, until told to stop. Errors: those of {@link requireSchema};
 * `internal` where it could not close in time.
 */
export async function serve(env: ServerEnv, logger: Logger, pages: Pages): Promise<void> {
  await requireSchema(env.DATABASE_URL);
  const { each, least, together } = maxConnections;
  const share = Math.floor(together / env.WEB_CONCURRENCY);
  const db = createDatabase(env.DATABASE_URL, { maxConnections: Math.min(each, Math.max(least, share)) });
  const metrics = new Registry();
  if (cluster.isWorker) answerCollections(metrics);
  const site = await buildSite({
    env,
    db,
    logger,
    pages: (request, response) => handlePage(request, response),
    metrics,
    scrape: cluster.isWorker ? scrapeCluster : () => metrics.metrics(),
  });
  provideServices(site.services);
  const handlePage = await pages.prepare();

  const url = await site.listen();
  announce({ type: "ready", url });
  logger.info({ url }, "listening");

  const reason = await whenToldToStop();
  logger.info({ reason }, "stopping");
  const closeAll = async (): Promise<void> => {
    await site.close();
    await pages.close();
    await closeDatabase(db);
  };
  await within(env.ARENA_DRAIN_MS + closingMs, closeAll());
  logger.info("stopped");
}

/** @throws `internal` where it takes longer: whoever called is to end the process. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const limit = async (): Promise<void> => {
    await delay(ms, undefined, { signal: done.signal });
    throw new AppError("internal", {
      message: `The server could not close within ${ms / 1_000} s and leaves what is left: its database may hang.`,
    });
  };
  await Promise.race([work, limit()]).finally(() => done.abort());
}

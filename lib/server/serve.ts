import cluster from "node:cluster";
import { fileURLToPath } from "node:url";
import next from "next";
import type { Logger } from "pino";
import { Registry } from "prom-client";
import { closeDatabase, createDatabase } from "@/lib/db";
import type { ServerEnv } from "@/lib/env";
import { buildSite } from "./build-site";
import { answerCollections, scrapeCluster } from "./cluster-metrics";
import { announce, whenToldToStop } from "./process-lifecycle";
import { provideServices } from "./services";

/** The site's root: where `.next` and `public` are. */
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Connections to the database: all processes of a machine together stay well below PostgreSQL's default of 100. */
const maxConnections = { each: 10, least: 4, together: 60 } as const;

/** One server process: Fastify in front, Next behind, until told to stop. */
export async function serve(env: ServerEnv, logger: Logger): Promise<void> {
  const { each, least, together } = maxConnections;
  const share = Math.floor(together / env.WEB_CONCURRENCY);
  const db = createDatabase(env.DATABASE_URL, { maxConnections: Math.min(each, Math.max(least, share)) });
  const metrics = new Registry();
  if (cluster.isWorker) answerCollections(metrics);
  const pages = next({ dev: false, dir: root, hostname: env.HOST, port: env.PORT });
  const site = await buildSite({
    env,
    db,
    logger,
    pages: (request, response) => handlePage(request, response),
    metrics,
    scrape: cluster.isWorker ? scrapeCluster : () => metrics.metrics(),
  });
  provideServices(site.services);
  await pages.prepare();
  const handlePage = pages.getRequestHandler();

  const url = await site.listen();
  announce({ type: "ready", url });
  logger.info({ url }, "listening");

  const reason = await whenToldToStop();
  logger.info({ reason }, "stopping");
  await site.close();
  await pages.close();
  await closeDatabase(db);
  logger.info("stopped");
}

import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { ControllerService } from "@/lib/controller";
import type { Database } from "@/lib/db";
import type { ClockWatch } from "./clock-watch";
import { requireScraper } from "./require-scraper";

type Options = {
  db: Database;
  controller: Pick<ControllerService, "models" | "hasView" | "isStoreReachable" | "isFeedUp">;
  clock: Pick<ClockWatch, "difference">;
  /** What `/metrics` shows, and its media type. */
  scrape: () => Promise<string>;
  contentType: string;
  /** What a scraper of `/metrics` must present; undefined: programs on this machine may read it, and nobody else. */
  metricsToken: string | undefined;
};

/** A database that has not answered by then counts as away. */
const databaseWaitMs = 2_000;

/**
 * `/healthz`: the process lives. `/metrics`: Prometheus, for those whom `requireScraper` lets through. `/readyz`: it can serve. Without its database it still routes from
 * its last view of the workers, so it stays in a load balancer and says `degraded`; 503 only while it has no view at all.
 *
 * `registry` is `live` (changes at other servers are heard of at once), `polled` (with the next reading, at latest after a
 * heartbeat interval) or `last_view` (the database cannot be read). `clock` is `ok`, `off` (this machine's clock and the
 * database's do not agree) or `unknown`; `clockDifferenceMs` by how much the database's is before it.
 */
export async function healthRoutes(
  app: FastifyInstance,
  { db, controller, clock, scrape, contentType, metricsToken }: Options,
): Promise<void> {
  app.get("/healthz", async () => ({ status: "ok" }));

  app.get("/readyz", async (request, reply) => {
    const database = await isDatabaseUp(db).catch((error: unknown) => {
      request.log.warn({ err: error, requestId: request.id }, "the database does not answer");
      return false;
    });
    const isReady = database || controller.hasView();
    const registry = !(database && controller.isStoreReachable())
      ? "last_view"
      : controller.isFeedUp() === false
        ? "polled"
        : "live";
    reply.status(isReady ? 200 : 503);
    const status = database ? "ok" : isReady ? "degraded" : "database_unavailable";
    const difference = clock.difference();
    return {
      ...{ status, database, registry, models: controller.models().length },
      clock: difference === null ? "unknown" : difference.isOff ? "off" : "ok",
      clockDifferenceMs: difference === null ? null : Math.round(difference.differenceMs),
    };
  });

  app.get("/metrics", async (request, reply) => {
    requireScraper(request, metricsToken);
    reply.header("content-type", contentType).header("cache-control", "no-store");
    return await scrape();
  });
}

async function isDatabaseUp(db: Database): Promise<boolean> {
  const answer = db.$queryRaw`SELECT 1`.then(() => true);
  return Promise.race([answer, delay(databaseWaitMs, false, { ref: false })]);
}

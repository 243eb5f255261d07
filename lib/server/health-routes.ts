import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { ControllerService } from "@/lib/controller";
import type { Database } from "@/lib/db";
import type { ClockWatch } from "./clock-watch";
import { requireScraper } from "./require-scraper";
import type { StopPhase } from "./stop-phase";

type Options = {
  db: Database;
  controller: Pick<ControllerService, "models" | "hasView" | "isStoreReachable" | "isFeedUp">;
  clock: Pick<ClockWatch, "difference">;
  /** Default: it runs. */
  stopPhase?: () => StopPhase;
  /** Names of this version's migrations. Default: they are not looked at. */
  migrations?: readonly string[];
  /** What `/metrics` shows, and its media type. */
  scrape: () => Promise<string>;
  contentType: string;
  /** What a scraper of `/metrics` must present; undefined: programs on this machine may read it, and nobody else. */
  metricsToken: string | undefined;
};

/** A database that has not answered by then counts as away. */
const databaseWaitMs = 2_000;

/**
 * `/healthz`: the process lives. `/metrics`: Prometheus, for those whom `requireScraper` lets through. `/readyz`: it can serve. Without its
 * database it still routes from its last view of the workers, so it stays in a load balancer and says `degraded`; 503 only while it has no
 * view at all, from the first moment of a stop (`stopping`), and over a database that lacks migrations of this version (`migrations_missing`).
 *
 * `schema` is `current`, `newer` (a newer version has migrated the database meanwhile, and this one goes on beside it) or `older`.
 * `registry` is `live` (changes at other servers are heard of at once), `polled` (with the next reading, at latest after a
 * heartbeat interval) or `last_view` (the database cannot be read). `clock` is `ok`, `off` (this machine's clock and the
 * database's do not agree) or `unknown`; `clockDifferenceMs` by how much the database's is before it.
 */
export async function healthRoutes(
  app: FastifyInstance,
  { db, controller, clock, scrape, contentType, metricsToken, ...options }: Options,
): Promise<void> {
  const { stopPhase = () => "running", migrations } = options;
  app.get("/healthz", async () => ({ status: "ok" }));

  app.get("/readyz", async (request, reply) => {
    if (stopPhase() !== "running") return reply.status(503).send({ status: "stopping" });
    const level = await withinWait(readLevel(db, migrations)).catch((error: unknown) => {
      request.log.warn({ err: error, requestId: request.id }, "the database does not answer");
      return null;
    });
    const database = level !== null;
    const isReady = level?.schema !== "older" && (database || controller.hasView());
    const registry = !(database && controller.isStoreReachable())
      ? "last_view"
      : controller.isFeedUp() === false
        ? "polled"
        : "live";
    reply.status(isReady ? 200 : 503);
    const status =
      level?.schema === "older"
        ? "migrations_missing"
        : database
          ? "ok"
          : isReady
            ? "degraded"
            : "database_unavailable";
    const difference = clock.difference();
    return {
      ...{ status, database, registry, models: controller.models().length, ...level },
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

type Level = { schema?: "current" | "newer" | "older" };

/** What the database holds of this version; nothing where that is not asked. */
async function readLevel(db: Database, migrations: readonly string[] | undefined): Promise<Level> {
  if (migrations === undefined) {
    await db.$queryRaw`SELECT 1`;
    return {};
  }
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL`;
  const applied = new Set(rows.map(({ name }) => name));
  if (migrations.some((name) => !applied.has(name))) return { schema: "older" };
  return { schema: applied.size > migrations.length ? "newer" : "current" };
}

function withinWait<T>(answer: Promise<T>): Promise<T | null> {
  return Promise.race([answer, delay(databaseWaitMs, null, { ref: false })]);
}

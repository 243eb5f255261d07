import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";

type Options = { db: Database; controller: Controller; metrics: Registry };

/** A database that has not answered by then counts as away. */
const databaseWaitMs = 2_000;

/** `/healthz`: the process lives. `/readyz`: it can serve; 503 without its database. `/metrics`: Prometheus. */
export async function healthRoutes(
  app: FastifyInstance,
  { db, controller, metrics }: Options,
): Promise<void> {
  app.get("/healthz", async () => ({ status: "ok" }));

  app.get("/readyz", async (request, reply) => {
    const database = await isDatabaseUp(db).catch((error: unknown) => {
      request.log.warn({ err: error }, "the database does not answer");
      return false;
    });
    reply.status(database ? 200 : 503);
    return { status: database ? "ok" : "database_unavailable", database, models: controller.models().length };
  });

  app.get("/metrics", async (_request, reply) => {
    reply.header("content-type", metrics.contentType);
    return metrics.metrics();
  });
}

async function isDatabaseUp(db: Database): Promise<boolean> {
  const answer = db.$queryRaw`SELECT 1`.then(() => true);
  return Promise.race([answer, delay(databaseWaitMs, false, { ref: false })]);
}

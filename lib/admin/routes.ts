import type { FastifyInstance } from "fastify";
import { accessAdminRoutes } from "./access/routes";
import { auditAdminRoutes } from "./audit/routes";
import type { AdminDeps } from "./deps";
import { modelAdminRoutes } from "./models/routes";
import { moderationAdminRoutes } from "./moderation/routes";
import { peopleAdminRoutes } from "./people/routes";
import { queueAdminRoutes } from "./queues/routes";
import { releaseAdminRoutes } from "./releases/routes";
import { samplingAdminRoutes } from "./sampling/routes";
import { settingsAdminRoutes } from "./settings/routes";
import { voteAdminRoutes } from "./votes/routes";
import { workerAdminRoutes } from "./workers/routes";

const parts = [
  workerAdminRoutes,
  queueAdminRoutes,
  modelAdminRoutes,
  voteAdminRoutes,
  samplingAdminRoutes,
  moderationAdminRoutes,
  accessAdminRoutes,
  peopleAdminRoutes,
  releaseAdminRoutes,
  settingsAdminRoutes,
  auditAdminRoutes,
] as const;

/** `/api/admin`, as lib/protocol/admin describes it. Every handler asks for its role itself. */
export async function adminRoutes(app: FastifyInstance, options: { admin: AdminDeps }): Promise<void> {
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });
  for (const part of parts) await app.register(part, options);
}

import type { FastifyInstance } from "fastify";
import type { AdminDeps } from "./deps";
import { workerAdminRoutes } from "./workers/routes";

/** `/api/admin`, as lib/protocol/admin describes it. Every handler asks for its role itself. */
export async function adminRoutes(app: FastifyInstance, options: { admin: AdminDeps }): Promise<void> {
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });
  await app.register(workerAdminRoutes, options);
}

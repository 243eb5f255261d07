import type { FastifyInstance } from "fastify";
import { type AdminDeps, actorOf } from "../deps";
import { viewQueues } from "./view-queues";

/** As lib/protocol/admin/queues.ts describes it. */
export async function queueAdminRoutes(app: FastifyInstance, { admin }: { admin: AdminDeps }): Promise<void> {
  app.get("/api/admin/queues", async (request) => {
    await actorOf(admin, request);
    return await viewQueues(admin.db, admin.clock.databaseNow());
  });
}

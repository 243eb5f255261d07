import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { parseInput, workerOrderRequestSchema } from "@/lib/protocol";
import { type AdminDeps, actorOf } from "../deps";
import { orderWorker } from "./order-worker";
import { viewWorkers } from "./view-workers";

const paramsSchema = z.object({ id: z.string() });

/** As lib/protocol/admin/workers.ts describes them. */
export async function workerAdminRoutes(
  app: FastifyInstance,
  { admin }: { admin: AdminDeps },
): Promise<void> {
  app.get("/api/admin/workers", async (request) => {
    await actorOf(admin, request);
    return await viewWorkers(admin);
  });

  app.post("/api/admin/workers/:id/order", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const { id } = parseInput(paramsSchema, request.params);
    const { action } = parseInput(workerOrderRequestSchema, request.body);
    await orderWorker(admin.db, actor, id, action);
    return reply.code(204).send();
  });
}

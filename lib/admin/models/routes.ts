import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  modelAddRequestSchema,
  modelChangeRequestSchema,
  modelRenameRequestSchema,
  parseInput,
} from "@/lib/protocol";
import { type AdminDeps, actorOf } from "../deps";
import { addModel } from "./add-model";
import { changeModel } from "./change-model";
import { modelHistory, viewModels } from "./list-models";
import { renameModel } from "./rename-model";

const paramsSchema = z.object({ name: z.string() });

/** As lib/protocol/admin/models.ts describes them. */
export async function modelAdminRoutes(app: FastifyInstance, { admin }: { admin: AdminDeps }): Promise<void> {
  const { db, controller } = admin;

  app.get("/api/admin/models", async (request) => {
    await actorOf(admin, request);
    return await viewModels(db, controller);
  });

  app.post("/api/admin/models", async (request, reply) => {
    const actor = await actorOf(admin, request);
    reply.status(201);
    return await addModel(db, actor, parseInput(modelAddRequestSchema, request.body));
  });

  app.patch("/api/admin/models/:name", async (request) => {
    const actor = await actorOf(admin, request);
    const { name } = parseInput(paramsSchema, request.params);
    return await changeModel(db, actor, name, parseInput(modelChangeRequestSchema, request.body));
  });

  app.post("/api/admin/models/:name/rename", async (request) => {
    const actor = await actorOf(admin, request);
    const { name } = parseInput(paramsSchema, request.params);
    return await renameModel(db, actor, name, parseInput(modelRenameRequestSchema, request.body).name);
  });

  app.get("/api/admin/models/:name/history", async (request) => {
    await actorOf(admin, request);
    return await modelHistory(db, parseInput(paramsSchema, request.params).name);
  });
}

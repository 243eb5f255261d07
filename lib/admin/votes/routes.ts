import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { excludeRequestSchema, parseInput, reverseRequestSchema } from "@/lib/protocol";
import { excludeVotes, reverseExclusion } from "@/lib/trust";
import { type AdminDeps, actorOf } from "../deps";
import { listVotes } from "./list-votes";
import { viewExclusions } from "./view-exclusions";

const votesQuerySchema = z.object({
  before: z.uuid().optional(),
  visitor: z.union([z.uuid(), z.literal("").transform(() => undefined)]).optional(),
  act: z.union([z.uuid(), z.literal("").transform(() => undefined)]).optional(),
});
const exclusionsQuerySchema = z.object({
  before: z.uuid().optional(),
  state: z.enum(["active", "reversed"]).optional(),
});

/** As lib/protocol/admin/votes.ts describes them. */
export async function voteAdminRoutes(app: FastifyInstance, { admin }: { admin: AdminDeps }): Promise<void> {
  const { db } = admin;

  app.get("/api/admin/votes", async (request) => {
    await actorOf(admin, request);
    return await listVotes(db, parseInput(votesQuerySchema, request.query));
  });

  app.post("/api/admin/votes/exclude", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const body = parseInput(excludeRequestSchema, request.body);
    const { note } = body;
    await excludeVotes(
      db,
      actor,
      "voteId" in body ? { voteIds: [body.voteId], note } : { visitorId: body.visitorId, note },
    );
    return reply.code(204).send();
  });

  app.get("/api/admin/exclusions", async (request) => {
    await actorOf(admin, request);
    return await viewExclusions(db, parseInput(exclusionsQuerySchema, request.query));
  });

  app.post("/api/admin/exclusions/:actId/reverse", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const { actId } = parseInput(z.object({ actId: z.uuid() }), request.params);
    const { note } = parseInput(reverseRequestSchema, request.body);
    await reverseExclusion(db, actor, { actId, note });
    return reply.code(204).send();
  });
}

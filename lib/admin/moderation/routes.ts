import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { flagStatusSchema, noteRequestSchema, parseInput, resolveRequestSchema } from "@/lib/protocol";
import { listAllShares, unpublishAsOperator, unpublishBattleAsOperator } from "@/lib/publication";
import { type AdminDeps, actorOf } from "../deps";
import { disableVisitor } from "./disable-visitor";
import { enableVisitor } from "./enable-visitor";
import { listBattles } from "./list-battles";
import { listFlagged } from "./list-flagged";
import { listRefused } from "./list-refused";
import { resolveFlags } from "./resolve-flags";
import { unhideAnswer } from "./unhide-answer";

const querySchema = z.object({ status: flagStatusSchema.default("open"), before: z.uuid().optional() });
const sharesQuerySchema = z.object({
  before: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .optional(),
});

/** As lib/protocol/admin/moderation.ts describes them. */
export async function moderationAdminRoutes(
  app: FastifyInstance,
  { admin }: { admin: AdminDeps },
): Promise<void> {
  const { db } = admin;

  app.get("/api/admin/moderation", async (request) => {
    await actorOf(admin, request, "moderator");
    return await listFlagged(db, parseInput(querySchema, request.query));
  });

  app.post("/api/admin/moderation/:subjectId/resolve", async (request, reply) => {
    const actor = await actorOf(admin, request, "moderator");
    const { subjectId } = parseInput(z.object({ subjectId: z.uuid() }), request.params);
    await resolveFlags(db, actor, subjectId, parseInput(resolveRequestSchema, request.body));
    return reply.code(204).send();
  });

  app.post("/api/admin/moderation/:subjectId/unhide", async (request, reply) => {
    const actor = await actorOf(admin, request, "moderator");
    const { subjectId } = parseInput(z.object({ subjectId: z.uuid() }), request.params);
    await unhideAnswer(db, actor, subjectId, parseInput(noteRequestSchema, request.body));
    return reply.code(204).send();
  });

  app.get("/api/admin/moderation/refused", async (request) => {
    await actorOf(admin, request, "moderator");
    const { before } = parseInput(z.object({ before: z.uuid().optional() }), request.query);
    return await listRefused(db, { before: before ?? null });
  });

  app.post("/api/admin/moderation/visitors/:id/disable", async (request, reply) => {
    const actor = await actorOf(admin, request, "moderator");
    const { id } = parseInput(z.object({ id: z.uuid() }), request.params);
    await disableVisitor(db, actor, id, parseInput(noteRequestSchema, request.body));
    return reply.code(204).send();
  });

  app.post("/api/admin/moderation/visitors/:id/enable", async (request, reply) => {
    const actor = await actorOf(admin, request, "moderator");
    await enableVisitor(db, actor, parseInput(z.object({ id: z.string() }), request.params).id);
    return reply.code(204).send();
  });

  app.get("/api/admin/moderation/shares", async (request) => {
    await actorOf(admin, request, "moderator");
    return { shares: await listAllShares({ db }, parseInput(sharesQuerySchema, request.query)) };
  });

  app.post("/api/admin/moderation/shares/:token/unpublish", async (request, reply) => {
    const actor = await actorOf(admin, request, "moderator");
    const { token } = parseInput(z.object({ token: z.string().max(200) }), request.params);
    const { note } = parseInput(noteRequestSchema, request.body);
    await unpublishAsOperator({ db }, actor, token, note);
    return reply.code(204).send();
  });

  app.get("/api/admin/moderation/battles", async (request) => {
    await actorOf(admin, request, "moderator");
    return await listBattles(db, request.query);
  });

  app.post("/api/admin/moderation/battles/:id/unpublish", async (request, reply) => {
    const actor = await actorOf(admin, request, "moderator");
    const { id } = parseInput(z.object({ id: z.uuid() }), request.params);
    const { note } = parseInput(noteRequestSchema, request.body);
    await unpublishBattleAsOperator({ db }, actor, id, note);
    return reply.code(204).send();
  });
}

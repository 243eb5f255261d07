import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { listAudit } from "@/lib/audit";
import { parseInput } from "@/lib/protocol";
import { type AdminDeps, actorOf } from "../deps";

const wordSchema = z
  .string()
  .max(200)
  .transform((text) => (text === "" ? undefined : text))
  .optional();
const querySchema = z.object({
  before: z.uuid().optional(),
  action: wordSchema,
  target: wordSchema,
  actor: wordSchema,
});
const pageLines = 50;

/** As lib/protocol/admin/site.ts describes it. */
export async function auditAdminRoutes(app: FastifyInstance, { admin }: { admin: AdminDeps }): Promise<void> {
  app.get("/api/admin/audit", async (request) => {
    await actorOf(admin, request);
    const { before, action, target, actor } = parseInput(querySchema, request.query);
    const query = { before, action, targetId: target, actorId: actor };
    const found = await listAudit(admin.db, { ...query, limit: pageLines + 1 });
    const lines = found.slice(0, pageLines);
    return { lines, next: found.length > pageLines ? (lines.at(-1)?.id ?? null) : null };
  });
}

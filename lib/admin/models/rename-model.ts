import { z } from "zod";
import type { AuditActor } from "@/lib/audit";
import type { Database, Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type AdminModel, modelRenameRequestSchema, parseInput } from "@/lib/protocol";
import { transact } from "../transact";
import { recordModelChange } from "./change-model";
import { findModel, modelColumns, toAdminModel } from "./model-row";

/**
 * Gives a model another public name; its votes, battles and history stay its own. No worker may be offering the old name,
 * or its next registration would make a second model of it: restart the workers under the new name first. A row of the new
 * name that such a worker has made meanwhile, and that nobody has met yet, gives way. Errors: `invalid_request` with the
 * reason, `model_not_found`, `database_unavailable`.
 */
export async function renameModel(
  db: Database,
  actor: AuditActor,
  from: string,
  to: string,
): Promise<AdminModel> {
  const { name } = parseInput(modelRenameRequestSchema, { name: to });
  return await transact(db, async (tx) => {
    const row = await findModel(tx, from);
    if (name === row.name) return toAdminModel(row);
    if (await isOffered(tx, row.name)) {
      throw refusal(`A worker still offers "${row.name}"; let it offer "${name}" first.`);
    }
    const taken = await tx.model.findUnique({ where: { name }, select: { id: true } });
    if (taken !== null) await removeUnused(tx, taken.id, name);
    const renamed = await tx.model.update({ where: { id: row.id }, data: { name }, select: modelColumns });
    await recordModelChange(tx, actor, "model.rename", renamed, { name: row.name }, { name });
    return toAdminModel(renamed);
  });
}

const modelsSchema = z.array(z.object({ name: z.string() }));

async function isOffered(tx: Prisma.TransactionClient, name: string): Promise<boolean> {
  const since = new Date(Date.now() - 3_600_000);
  const workers = await tx.worker.findMany({
    where: { leftAt: null, heartbeatAt: { gte: since } },
    select: { models: true },
  });
  return workers.some(({ models }) => modelsSchema.parse(models).some((model) => model.name === name));
}

async function removeUnused(tx: Prisma.TransactionClient, id: string, name: string): Promise<void> {
  const either = { OR: [{ modelAId: id }, { modelBId: id }] };
  const uses = await Promise.all([
    tx.battle.count({ where: either }),
    tx.externalVote.count({ where: either }),
    tx.pairCount.count({ where: { OR: [{ lowId: id }, { highId: id }] } }),
    tx.conversation.count({ where: { modelId: id } }),
    tx.message.count({ where: { modelId: id } }),
  ]);
  if (uses.some((count) => count > 0)) throw refusal(`There is another model named "${name}" already.`);
  await tx.model.delete({ where: { id } });
}

const refusal = (message: string) => new AppError("invalid_request", { message, param: "name" });

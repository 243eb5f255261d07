import { isDeepStrictEqual } from "node:util";
import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database, Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import {
  type AdminModel,
  type ModelChangeRequest,
  modelChangeRequestSchema,
  parseInput,
} from "@/lib/protocol";
import { transact } from "../transact";
import { findModel, modelColumns, toAdminModel } from "./model-row";

/**
 * Changes what is given. The running servers hear of stage, limit and priority by a trigger of the table; the rest is read
 * with every battle and chat. What is as it was already leaves no trace. Errors: `invalid_request`, `model_not_found`,
 * `database_unavailable`.
 */
export async function changeModel(
  db: Database,
  actor: AuditActor,
  name: string,
  input: ModelChangeRequest,
): Promise<AdminModel> {
  const wanted = parseInput(modelChangeRequestSchema, input);
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw new AppError("invalid_request", { message: "Nothing was given to change." });
  return await transact(db, async (tx) => {
    const row = await findModel(tx, name);
    const before: Record<string, unknown> = { ...row };
    const changed = given.filter(([field, value]) => !isDeepStrictEqual(before[field], value));
    if (changed.length === 0) return toAdminModel(row);
    const after = Object.fromEntries(changed) as Prisma.ModelUpdateInput & Prisma.InputJsonObject;
    const updated = await tx.model.update({ where: { id: row.id }, data: after, select: modelColumns });
    const was = Object.fromEntries(changed.map(([field]) => [field, before[field]]));
    await recordModelChange(tx, actor, "model.change", row, was as Prisma.InputJsonObject, after);
    return toAdminModel(updated);
  });
}

/** A line in the model's history and one in the audit log. */
export async function recordModelChange(
  tx: Prisma.TransactionClient,
  actor: AuditActor,
  action: "model.add" | "model.change" | "model.rename",
  model: { id: string; name: string },
  before: Prisma.InputJsonObject,
  after: Prisma.InputJsonObject,
): Promise<void> {
  await tx.modelChange.create({ data: { modelId: model.id, changedBy: actor.label, before, after } });
  await recordAudit(tx, {
    ...{ actor, action, targetKind: "model", targetId: model.name },
    details: { before, after },
  });
}

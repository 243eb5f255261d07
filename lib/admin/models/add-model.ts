import { v7 as uuidv7 } from "uuid";
import type { AuditActor } from "@/lib/audit";
import { type Database, isUniqueViolation, type Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type AdminModel, type ModelAddRequest, modelAddRequestSchema, parseInput } from "@/lib/protocol";
import { transact } from "../transact";
import { recordModelChange } from "./change-model";
import { modelColumns, toAdminModel } from "./model-row";

/**
 * Makes a model known before any worker offers it, so that it begins with the right stage, limits and words. Errors:
 * `invalid_request`, also for a name that is taken; `database_unavailable`.
 */
export async function addModel(db: Database, actor: AuditActor, input: ModelAddRequest): Promise<AdminModel> {
  const model = parseInput(modelAddRequestSchema, input);
  return await transact(db, async (tx) => {
    try {
      const row = await tx.model.create({ data: { id: uuidv7(), ...model }, select: modelColumns });
      const after = JSON.parse(JSON.stringify(model)) as Prisma.InputJsonObject;
      await recordModelChange(tx, actor, "model.add", row, {}, after);
      return toAdminModel(row);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new AppError("invalid_request", {
        message: `There is a model named "${model.name}" already.`,
        param: "name",
      });
    }
  });
}

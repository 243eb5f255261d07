import { z } from "zod";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { modelNameSchema, parseInput } from "@/lib/protocol";

const settingsSchema = z
  .object({
    stage: z.enum(["public", "experimental", "retired"]).optional(),
    /** With workers at the same time, over all servers; 0 holds them in line, null: no limit. */
    maxConcurrent: z.number().int().min(0).max(1_000_000).nullable().optional(),
    /** Of all callers of /v1 together; null: no limit. */
    tokensPerMinute: z.number().int().min(0).max(2_000_000_000).nullable().optional(),
    priority: z.number().int().min(-1_000_000).max(1_000_000).optional(),
  })
  .refine((settings) => Object.values(settings).some((value) => value !== undefined), {
    message: "Nothing was given to set: a stage, a limit or a priority.",
  });
export type ModelSettingsInput = z.input<typeof settingsSchema>;

export type ModelRow = {
  name: string;
  displayName: string;
  organization: string | null;
  stage: "public" | "experimental" | "retired";
  maxConcurrent: number | null;
  tokensPerMinute: number | null;
  priority: number;
};

const columns = {
  name: true,
  displayName: true,
  organization: true,
  stage: true,
  maxConcurrent: true,
  tokensPerMinute: true,
  priority: true,
} as const;

/** Every model that a worker has ever offered, by name. */
export async function listModels(db: Database): Promise<ModelRow[]> {
  return await db.model.findMany({ select: columns, orderBy: { name: "asc" } });
}

/**
 * Changes what is given. The running servers hear of it by a trigger of the table. Errors: `invalid_request`,
 * `model_not_found`, `database_unavailable`.
 */
export async function setModel(db: Database, name: string, input: ModelSettingsInput): Promise<ModelRow> {
  const where = { name: parseInput(modelNameSchema, name) };
  const data = parseInput(settingsSchema, input);
  try {
    const [row] = await db.model.updateManyAndReturn({ where, data, select: columns });
    if (row !== undefined) return row;
  } catch (error) {
    throw databaseError(error);
  }
  throw new AppError("model_not_found", { message: `No worker has ever offered a model named "${name}".` });
}

import type { Database, Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type AdminModel, chatParametersSchema, modelNameSchema, parseInput } from "@/lib/protocol";

/** What the console reads of a model. */
export const modelColumns = {
  id: true,
  name: true,
  displayName: true,
  organization: true,
  licence: true,
  contextLength: true,
  tags: true,
  stage: true,
  maxConcurrent: true,
  tokensPerMinute: true,
  priority: true,
  priceInputMicros: true,
  priceOutputMicros: true,
  defaultParameters: true,
  systemPrompt: true,
} as const satisfies Prisma.ModelSelect;

type ModelRow = Prisma.ModelGetPayload<{ select: typeof modelColumns }>;

export function toAdminModel({ id: _, defaultParameters, ...row }: ModelRow): AdminModel {
  return { ...row, defaultParameters: chatParametersSchema.parse(defaultParameters) };
}

/** By name. Errors: `invalid_request`, `model_not_found`. */
export async function findModel(tx: Prisma.TransactionClient | Database, name: string): Promise<ModelRow> {
  const where = { name: parseInput(modelNameSchema, name) };
  const row = await tx.model.findUnique({ where, select: modelColumns });
  if (row !== null) return row;
  throw new AppError("model_not_found", { message: `There is no model named "${name}".` });
}

import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";

/** The row of a model that a visitor may chat with, served just now or not. Errors: `model_not_found`. */
export async function findModel(db: Pick<Database, "model">, name: string) {
  const model = await db.model.findFirst({ where: { name, stage: "public" } });
  if (model === null) throw new AppError("model_not_found", { param: "model" });
  return model;
}

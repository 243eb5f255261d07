import type { Controller } from "@/lib/controller";
import { type Database, databaseError } from "@/lib/db";
import type { AdminModel, AdminModels, ModelHistory } from "@/lib/protocol";
import { findModel, modelColumns, toAdminModel } from "./model-row";

/** Every model that a worker has ever offered or that was added, by name. */
export async function listModels(db: Database): Promise<AdminModel[]> {
  try {
    const rows = await db.model.findMany({ select: modelColumns, orderBy: { name: "asc" } });
    return rows.map(toAdminModel);
  } catch (error) {
    throw databaseError(error);
  }
}

/** The same with the workers that serve each now, and its votes on all boards. */
export async function viewModels(
  db: Database,
  controller: Pick<Controller, "workers">,
): Promise<AdminModels> {
  const workers = controller.workers().filter(({ health }) => health === "healthy");
  try {
    const [models, votes] = await Promise.all([listModels(db), votesByModel(db)]);
    return {
      models: models.map((model) => ({
        ...model,
        workers: workers.filter(({ models: offered }) => offered.includes(model.name)).length,
        votes: votes.get(model.name) ?? 0,
      })),
    };
  } catch (error) {
    throw databaseError(error);
  }
}

async function votesByModel(db: Database): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ name: string; votes: bigint }[]>`
    SELECT m.name, sum(p.win_low + p.win_high + p.tie + p.both_bad) AS votes
    FROM models m JOIN pair_counts p ON m.id IN (p.low_id, p.high_id)
    WHERE p.category = 'overall' GROUP BY m.name`;
  return new Map(rows.map(({ name, votes }) => [name, Number(votes)]));
}

/** Newest first. Errors: `model_not_found`, `database_unavailable`. */
export async function modelHistory(db: Database, name: string, limit = 50): Promise<ModelHistory> {
  try {
    const { id: modelId } = await findModel(db, name);
    const rows = await db.modelChange.findMany({ where: { modelId }, orderBy: { id: "desc" }, take: limit });
    return {
      changes: rows.map(({ id, createdAt, changedBy, before, after }) => ({
        ...{ id, at: createdAt, changedBy },
        before: before as Record<string, unknown>,
        after: after as Record<string, unknown>,
      })),
    };
  } catch (error) {
    throw databaseError(error);
  }
}

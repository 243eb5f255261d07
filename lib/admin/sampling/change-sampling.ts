import { samplingOptionsSchema } from "@/lib/arena";
import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError } from "@/lib/db";
import { type AdminSampling, parseInput } from "@/lib/protocol";
import { transact } from "../transact";

const shownChanges = 20;

/** The policy in force, the models it may weigh, and its history. Errors: `database_unavailable`. */
export async function viewSampling(db: Database): Promise<AdminSampling> {
  try {
    const [rows, models] = await Promise.all([
      db.samplingPolicy.findMany({ orderBy: { id: "desc" }, take: shownChanges }),
      db.model.findMany({
        where: { stage: "public" },
        select: { name: true, displayName: true },
        orderBy: { name: "asc" },
      }),
    ]);
    return {
      id: rows[0]?.id ?? 0,
      policy: samplingOptionsSchema.parse(rows[0]?.options ?? {}),
      models,
      history: rows.map(({ id, createdAt, options }) => ({ id, at: createdAt, policy: options })),
    };
  } catch (error) {
    throw databaseError(error);
  }
}

/**
 * Puts a policy in force: servers draw by it from their next battle on. What is left out has its default. Rows are never
 * changed, because battles name the one that drew them. Errors: `invalid_request`, `database_unavailable`.
 */
export async function changeSampling(db: Database, actor: AuditActor, input: unknown): Promise<number> {
  const policy = parseInput(samplingOptionsSchema, input);
  return await transact(db, async (tx) => {
    const { id } = await tx.samplingPolicy.create({ data: { options: policy }, select: { id: true } });
    await recordAudit(tx, {
      ...{ actor, action: "sampling.change", targetKind: "sampling_policy", targetId: String(id) },
      details: { policy },
    });
    return id;
  });
}

import { z } from "zod";
import { type Database, databaseError } from "@/lib/db";
import { parseInput } from "@/lib/protocol";

const querySchema = z.object({
  /** Entries older than the one with this id. */
  before: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** A whole action, or a part with a dot: `worker.` finds all of that part. */
  action: z.string().min(1).max(100).optional(),
  targetId: z.string().min(1).max(200).optional(),
  actorId: z.string().min(1).max(200).optional(),
});
export type AuditQuery = z.input<typeof querySchema>;

export type AuditLine = {
  id: string;
  at: Date;
  actorKind: "user" | "cli" | "system";
  actorId: string | null;
  actorLabel: string;
  action: string;
  targetKind: string;
  targetId: string;
  details: unknown;
};

/** Newest first. Errors: `invalid_request`, `database_unavailable`. */
export async function listAudit(db: Database, query: AuditQuery = {}): Promise<AuditLine[]> {
  const { before, limit, action, targetId, actorId } = parseInput(querySchema, query);
  try {
    return await db.auditEntry.findMany({
      where: {
        id: before === undefined ? undefined : { lt: before },
        action: action?.endsWith(".") ? { startsWith: action } : action,
        ...{ targetId, actorId },
      },
      orderBy: { id: "desc" },
      take: limit,
    });
  } catch (error) {
    throw databaseError(error);
  }
}

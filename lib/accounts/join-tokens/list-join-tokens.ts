import type { Database } from "@/lib/db";
import { type JoinTokenView, toView } from "./join-token-record";

/** Newest first; revoked and expired ones too. `workers`: those that registered with it and have not left. */
export async function listJoinTokens(db: Database): Promise<(JoinTokenView & { workers: number })[]> {
  const rows = await db.joinToken.findMany({ orderBy: { id: "desc" } });
  const counts = await db.worker.groupBy({
    by: ["joinTokenId"],
    where: { leftAt: null, joinTokenId: { not: null } },
    _count: true,
  });
  const byToken = new Map(counts.map(({ joinTokenId, _count }) => [joinTokenId, _count]));
  return rows.map((row) => ({ ...toView(row), workers: byToken.get(row.id) ?? 0 }));
}

import type { Database } from "@/lib/db";
import { type ApiKeyView, toView } from "./key-record";

/** Newest first; revoked and expired ones too. */
export async function listKeys(
  db: Database,
  { ownerLabel, ownerId }: { ownerLabel?: string; ownerId?: string } = {},
): Promise<ApiKeyView[]> {
  const rows = await db.apiKey.findMany({ where: { ownerLabel, ownerId }, orderBy: { id: "desc" } });
  return rows.map(toView);
}

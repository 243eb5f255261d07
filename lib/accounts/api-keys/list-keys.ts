import type { Database } from "@/lib/db";
import { type ApiKeyView, toView } from "./key-record";

/** Newest first; revoked and expired ones too. */
export async function listKeys(
  db: Database,
  { ownerLabel }: { ownerLabel?: string } = {},
): Promise<ApiKeyView[]> {
  const rows = await db.apiKey.findMany({ where: { ownerLabel }, orderBy: { id: "desc" } });
  return rows.map(toView);
}

import type { Database } from "@/lib/db";
import { databaseError } from "@/lib/db";

/**
 * A visitor's images as data URLs, in no order. Those that are gone, or not theirs, are left out: whoever takes the prompt refuses
 * them. Errors: `database_unavailable`.
 */
export async function readImages(
  db: Pick<Database, "attachment">,
  visitorId: string,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  try {
    const rows = await db.attachment.findMany({
      where: { id: { in: [...ids] }, visitorId },
      select: { contentType: true, bytes: true },
    });
    return rows.map(({ contentType, bytes }) => toDataUrl(contentType, bytes));
  } catch (error) {
    throw databaseError(error);
  }
}

export function toDataUrl(contentType: string, bytes: Uint8Array): string {
  return `data:${contentType};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}`;
}

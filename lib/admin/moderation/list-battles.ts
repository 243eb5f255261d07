import { z } from "zod";
import type { Database } from "@/lib/db";
import { parseInput } from "@/lib/protocol";
import { listPublished } from "@/lib/publication";

const querySchema = z.object({
  before: z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .optional(),
});
const pageSize = 20;

/**
 * Battles whose texts are published with the vote data, the latest choice first; `before`: what `next` of the page before told.
 * Errors: `invalid_request`, those of the database.
 */
export async function listBattles(db: Database, query: unknown) {
  const { before = null } = parseInput(querySchema, query);
  const { battles, next } = await listPublished(db, { limit: pageSize, before });
  return {
    battles: battles.map(({ battleId, title, content: { models }, publishedAt }) => ({
      ...{ battleId, title, publishedAt },
      models: { a: models.a.displayName, b: models.b.displayName },
    })),
    next,
  };
}

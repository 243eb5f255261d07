import type { Database } from "@/lib/db";
import type { SharedBattle } from "@/lib/protocol";
import { publicWhere, publishedBattleSelect, toSharedBattle } from "./battle-content";
import { publishable } from "./screen-content";
import { titleOf } from "./share-view";

export type PublishedBattle = {
  battleId: string;
  /** The beginning of its first prompt. */
  title: string;
  content: SharedBattle;
  publishedAt: Date;
};

type Query = {
  /** Only battles in which it met another. */
  model?: string | null;
  /** How many are looked at; fewer may be shown, because one with personal data that is not to be hidden stays out. */
  limit: number;
  /** What came before this place, as `next` of the page before told it. */
  before?: string | null;
};

/**
 * Battles whose visitors have published their texts with the vote data, as anybody may read them now, the latest choice first.
 * Errors: those of the database.
 */
export async function listPublished(
  db: Pick<Database, "$queryRaw" | "battle">,
  { model = null, limit, before = null }: Query,
): Promise<{ battles: PublishedBattle[]; next: string | null }> {
  const candidates = await db.$queryRaw<
    { place: string; battleId: string; hidesFinds: boolean; createdAt: Date }[]
  >`
    SELECT given.id::text AS place, given.battle_id AS "battleId", given.hides_finds AS "hidesFinds",
           given.created_at AS "createdAt"
    FROM consents given
    JOIN battles battle ON battle.id = given.battle_id AND battle.text_deleted_at IS NULL
      AND battle.text_admitted_at IS NOT NULL AND battle.text_barred_at IS NULL
    JOIN models a ON a.id = battle.model_a_id JOIN models b ON b.id = battle.model_b_id
    WHERE given.is_given AND (${before}::bigint IS NULL OR given.id < ${before}::bigint)
      AND (${model}::text IS NULL OR ((a.name = ${model} OR b.name = ${model}) AND a.id <> b.id))
      AND NOT EXISTS (SELECT FROM consents later WHERE later.battle_id = given.battle_id AND later.id > given.id)
      AND NOT EXISTS (SELECT FROM turns turn JOIN responses answer ON answer.turn_id = turn.id
                       WHERE turn.battle_id = battle.id AND answer.hidden_at IS NOT NULL)
    ORDER BY given.id DESC LIMIT ${limit + 1}`;
  const page = candidates.slice(0, limit);
  const rows = await db.battle.findMany({
    // Asked again: a moderator may have hidden one in the meantime.
    where: { id: { in: page.map(({ battleId }) => battleId) }, ...publicWhere },
    select: publishedBattleSelect,
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  const battles = page.flatMap(({ battleId, hidesFinds, createdAt }): PublishedBattle[] => {
    const row = byId.get(battleId);
    const published = row === undefined ? null : publishable(toSharedBattle(row), { hidesFinds });
    if (published === null) return [];
    const { content } = published;
    return [{ battleId, title: titleOf(content), content, publishedAt: createdAt }];
  });
  return { battles, next: candidates.length > limit ? (page.at(-1)?.place ?? null) : null };
}

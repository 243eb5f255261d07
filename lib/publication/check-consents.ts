import type { Logger } from "pino";
import { isAppError } from "@/lib/errors";
import { admitBattle } from "./admit-battle";
import { publishedBattleSelect, toSharedBattle } from "./battle-content";
import type { PublicationDeps } from "./deps";

const batchSize = 20;
const intervalMs = 60_000;

/**
 * Asks the chain about texts whose visitors said yes before the chain was asked at that moment: until it has let them through they
 * are in no page and no release. Those that it has refused, and those of stopped visitors, stay out. Returns how many it looked
 * at. Errors: `moderation_unavailable`, `database_unavailable`.
 */
export async function checkConsents(deps: Pick<PublicationDeps, "db" | "moderation">): Promise<number> {
  const { db } = deps;
  const waiting = await db.$queryRaw<{ id: string }[]>`
    SELECT battle.id::text AS id FROM consents given
    JOIN battles battle ON battle.id = given.battle_id
      AND battle.text_admitted_at IS NULL AND battle.text_deleted_at IS NULL AND battle.text_barred_at IS NULL
    JOIN visitors visitor ON visitor.id = battle.visitor_id AND visitor.disabled_at IS NULL
    WHERE given.is_given AND EXISTS (SELECT FROM votes WHERE battle_id = battle.id)
      AND NOT EXISTS (SELECT FROM consents later WHERE later.battle_id = given.battle_id AND later.id > given.id)
      AND NOT EXISTS (SELECT FROM moderation_results result
                       WHERE result.subject_id = battle.id AND result.surface = 'publication' AND result.outcome = 'refused')
      AND NOT EXISTS (SELECT FROM turns turn JOIN responses answer ON answer.turn_id = turn.id
                       WHERE turn.battle_id = battle.id AND answer.hidden_at IS NOT NULL)
    ORDER BY given.id LIMIT ${batchSize}`;
  for (const { id } of waiting) {
    const battle = await db.battle.findUniqueOrThrow({
      where: { id },
      select: { ...publishedBattleSelect, visitorId: true },
    });
    try {
      await admitBattle(deps, battle.visitorId, battle, toSharedBattle(battle));
    } catch (error) {
      // Refused, or gone from under our hands: it stays out, and the others have their turn.
      const isSettled =
        isAppError(error) &&
        ["content_refused", "visitor_stopped", "publication_refused"].includes(error.code);
      if (!isSettled) throw error;
    }
  }
  return waiting.length;
}

/**
 * Does so from the start on until none is left; a yes of now is checked before it is kept. Returns the way out, which waits for a
 * round that is under way.
 */
export function keepCheckingConsents(
  deps: Pick<PublicationDeps, "db" | "moderation">,
  logger: Pick<Logger, "warn">,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const round = async (): Promise<void> => {
    try {
      if ((await checkConsents(deps)) === 0) return;
    } catch (error) {
      logger.warn(
        { err: error },
        "texts that are to be published could not be checked; the next try is soon",
      );
    }
    if (isStopped) return;
    timer = setTimeout(() => {
      running = round();
    }, intervalMs);
    timer.unref();
  };
  let running = round();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
}

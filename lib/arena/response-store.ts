import { type AnswerStore, createTextAppender, toSideFailure } from "@/lib/answers";
import { countStyle, styleRules } from "@/lib/categories";
import type { Database } from "@/lib/db";

/** Where the answers of battles are kept. The guard is the `status` in each condition. */
export function createResponseStore(db: Database): AnswerStore {
  return {
    append: createTextAppender(db, "responses"),
    async finish(responseId, { error, stoppedBy, ...final }) {
      const errorCode = error === null ? stoppedBy : toSideFailure(error.code);
      const { tokens, headers, bold, lists } = countStyle(final.text);
      const style = {
        ...{ styleVersion: styleRules, styleTokens: tokens },
        ...{ styleHeaders: headers, styleBold: bold, styleLists: lists },
      };
      const { count } = await db.response.updateMany({
        where: { id: responseId, status: { in: ["queued", "writing"] } },
        data: { ...final, ...style, errorCode, finishedAt: new Date() },
      });
      return count === 1;
    },
  };
}

/**
 * Declares failed what its server can no longer finish: running answers whose lease has ended. Anyone may call this at
 * any time; the condition makes it safe against the owner's renewal.
 */
export async function failLostResponses(db: Database, battleId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE responses
    SET status = 'failed', error_code = 'interrupted', finished_at = now()
    FROM turns
    WHERE turns.id = responses.turn_id AND turns.battle_id = ${battleId}::uuid
      AND responses.status IN ('queued', 'writing') AND responses.lease_until < now()`;
}

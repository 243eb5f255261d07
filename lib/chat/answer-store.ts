import { type AnswerStore, createTextAppender, toSideFailure } from "@/lib/answers";
import type { Database } from "@/lib/db";

/** Where the answers of conversations are kept. The guard is the `status` in each condition. */
export function createAnswerStore(db: Database): AnswerStore {
  return {
    append: createTextAppender(db, "messages"),
    async finish(messageId, { error, stoppedBy, ...final }) {
      const failure =
        error === null
          ? { errorCode: stoppedBy }
          : { errorCode: toSideFailure(error.code), errorParam: error.param };
      const { count } = await db.message.updateMany({
        where: { id: messageId, status: { in: ["queued", "writing"] } },
        data: { ...final, ...failure, finishedAt: new Date() },
      });
      return count === 1;
    },
  };
}

/**
 * Declares failed what its server can no longer finish: running answers whose lease has ended. Anyone may call this at
 * any time; the condition makes it safe against the owner's renewal.
 */
export async function failLostAnswers(
  db: Pick<Database, "$executeRaw">,
  conversationId: string,
): Promise<void> {
  await db.$executeRaw`
    UPDATE messages
    SET status = 'failed', error_code = 'interrupted', finished_at = now()
    WHERE conversation_id = ${conversationId}::uuid
      AND status IN ('queued', 'writing') AND lease_until < now()`;
}

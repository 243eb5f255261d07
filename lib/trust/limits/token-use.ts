import { type Database, databaseError } from "@/lib/db";

/** Tokens of prompts and answers, in battles and chats, that a visitor has used in the last 24 hours, and when the oldest fall out. */
export type TokenUse = { tokens: number; oldestAt: Date | null };

/**
 * Added up from the answers themselves, which all servers share: nothing is counted twice or lost. Battles and conversations
 * are found by their visitor; answers that are being written count once they have ended, those that were cut off or that no
 * worker has counted by an estimate. Errors: `database_unavailable`.
 */
export async function readTokenUse(db: Database, visitorId: string): Promise<TokenUse> {
  try {
    const [row] = await db.$queryRaw<{ tokens: number; oldestAt: Date | null }[]>`
      SELECT COALESCE(sum(tokens), 0)::float8 AS tokens, min(at) FILTER (WHERE tokens > 0) AS "oldestAt"
      FROM (
        SELECT COALESCE(tokens_used, COALESCE(prompt_tokens, 0) + COALESCE(completion_tokens, 0)) AS tokens,
          responses.created_at AS at
        FROM battles JOIN turns ON turns.battle_id = battles.id JOIN responses ON responses.turn_id = turns.id
        WHERE visitor_id = ${visitorId}::uuid AND battles.created_at > now() - interval '2 days'
          AND responses.created_at > now() - interval '1 day'
        UNION ALL
        SELECT COALESCE(tokens_used, COALESCE(prompt_tokens, 0) + COALESCE(completion_tokens, 0)), messages.created_at
        FROM conversations JOIN messages ON messages.conversation_id = conversations.id
        WHERE visitor_id = ${visitorId}::uuid AND updated_at > now() - interval '1 day'
          AND messages.created_at > now() - interval '1 day'
      ) AS used`;
    return row ?? { tokens: 0, oldestAt: null };
  } catch (error) {
    throw databaseError(error);
  }
}

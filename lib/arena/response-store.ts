import { countStyle, styleRules } from "@/lib/categories";
import type { Database } from "@/lib/db";

/** How long a running answer belongs to the server that writes it; renewed with each batch of text. */
export const leaseMs = 15_000;

export type FinalResponse = {
  status: "finished" | "stopped" | "failed";
  text: string;
  finishReason: string | null;
  errorCode: string | null;
  workerId: string | null;
  promptTokens: number | null;
  completionTokens: number | null;
  firstTokenMs: number | null;
  totalMs: number | null;
};

/**
 * Appends a batch of text and renews the lease. False: the row is no longer running (its lease ended and somebody
 * declared it failed), so whoever writes it must stop. The guard is the `status` in the condition.
 */
export async function appendText(db: Database, responseId: string, text: string): Promise<boolean> {
  const changed = await db.$executeRaw`
    UPDATE responses
    SET text = text || ${text},
        status = CASE WHEN status = 'queued' AND ${text} = '' THEN status ELSE 'writing'::response_status END,
        lease_until = now() + ${leaseMs} * interval '1 millisecond'
    WHERE id = ${responseId}::uuid AND status IN ('queued', 'writing')`;
  return changed === 1;
}

/** Writes the whole text, how it is written, and the end. False as in {@link appendText}. */
export async function finishResponse(
  db: Database,
  responseId: string,
  final: FinalResponse,
): Promise<boolean> {
  const { tokens, headers, bold, lists } = countStyle(final.text);
  const style = {
    ...{ styleVersion: styleRules, styleTokens: tokens },
    ...{ styleHeaders: headers, styleBold: bold, styleLists: lists },
  };
  const { count } = await db.response.updateMany({
    where: { id: responseId, status: { in: ["queued", "writing"] } },
    data: { ...final, ...style, finishedAt: new Date() },
  });
  return count === 1;
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

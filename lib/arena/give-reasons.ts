import { requireNotStopped } from "@/lib/accounts";
import { AppError } from "@/lib/errors";
import type { VoteReasons } from "@/lib/protocol";
import type { ArenaDeps } from "./deps";
import { lockBattle } from "./lock-battle";
import { toVoteReasons } from "./reveal";

/**
 * Keeps why the visitor voted so, in place of what they said before. It changes no count and no score. Errors:
 * `battle_not_found`, `visitor_stopped`, `vote_not_open` before the vote.
 */
export async function giveReasons(
  { db }: Pick<ArenaDeps, "db">,
  visitorId: string,
  battleId: string,
  given: VoteReasons,
): Promise<VoteReasons> {
  return db.$transaction(async (tx) => {
    await requireNotStopped(tx, visitorId);
    const { vote } = await lockBattle(tx, battleId, visitorId);
    if (vote === null) throw new AppError("vote_not_open");
    const stored = await tx.voteReasons.upsert({
      where: { voteId: vote.id },
      create: { voteId: vote.id, ...given },
      update: given,
    });
    return toVoteReasons(stored);
  });
}

import { requireNotStopped } from "@/lib/accounts";
import type { ChargeTokens } from "@/lib/answers";
import { AppError } from "@/lib/errors";
import type { OpenBattle, RetryRequest } from "@/lib/protocol";
import type { ArenaDeps } from "./deps";
import { shownResponse } from "./dto";
import { lockOpenBattle } from "./lock-battle";
import { newResponse } from "./new-turn";

/**
 * Tries the side that failed again, with the same model; the failed attempt stays in the database. Errors:
 * `battle_not_found`, `battle_closed`, `side_not_failed`, `visitor_stopped`.
 */
export async function retrySide(
  deps: ArenaDeps,
  visitorId: string,
  battleId: string,
  { side }: RetryRequest,
  charge?: ChargeTokens,
): Promise<OpenBattle> {
  await requireNotStopped(deps.db, visitorId);
  const queued = await deps.db.$transaction(async (tx) => {
    const battle = await lockOpenBattle(tx, battleId, visitorId);
    const turn = battle.turns.at(-1);
    const failed = turn === undefined ? undefined : shownResponse(turn, side);
    if (turn === undefined || failed?.status !== "failed") throw new AppError("side_not_failed");
    const response = newResponse(side, failed.attempt + 1);
    await tx.response.create({ data: { ...response, turn: { connect: { id: turn.id } } } });
    return [response.id];
  });
  return (await deps.live.refresh(battleId, visitorId, queued, charge)).view();
}

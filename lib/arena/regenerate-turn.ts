import { requireNotStopped } from "@/lib/accounts";
import type { ChargeTokens } from "@/lib/answers";
import { AppError } from "@/lib/errors";
import type { OpenBattle, RegenerateRequest } from "@/lib/protocol";
import type { ArenaDeps } from "./deps";
import { battleStatus, toTurnView } from "./dto";
import { lockOpenBattle, requireOpenBattle } from "./lock-battle";
import { newTurn } from "./new-turn";

/**
 * Replaces the last turn: the same two models answer again, the same prompt or an edited one. The replaced turn stays in
 * the database, marked. Errors: `battle_not_found`, `battle_closed`, `battle_busy` while a side is being answered, those
 * of `Moderation.admit`.
 */
export async function regenerateTurn(
  deps: ArenaDeps,
  visitorId: string,
  battleId: string,
  request: RegenerateRequest,
  charge?: ChargeTokens,
): Promise<OpenBattle> {
  // Before the moderators, who read for those alone whose battle it is.
  await requireOpenBattle(deps.db, battleId, visitorId);
  if (request.prompt === undefined) await requireNotStopped(deps.db, visitorId);
  else await deps.moderation.admit({ surface: "battle_prompt", visitorId, text: request.prompt });
  const queued = await deps.db.$transaction(async (tx) => {
    const battle = await lockOpenBattle(tx, battleId, visitorId);
    const where = { battleId_idempotencyKey: { battleId, idempotencyKey: request.idempotencyKey } };
    if ((await tx.turn.findUnique({ where, select: { id: true } })) !== null) return [];
    const last = battle.turns.at(-1);
    if (last === undefined || battleStatus(battle.turns.map(toTurnView)) === "running") {
      throw new AppError("battle_busy");
    }
    await tx.turn.update({ where: { id: last.id }, data: { supersededAt: new Date() } });
    const ordinal = await tx.turn.count({ where: { battleId } });
    const { idempotencyKey, prompt = last.prompt } = request;
    const images = last.images.map(({ attachment }) => attachment.id);
    const turn = newTurn({ prompt, images, idempotencyKey, ordinal });
    await tx.turn.create({ data: { ...turn.data, battle: { connect: { id: battleId } } } });
    return turn.queued;
  });
  return (await deps.live.refresh(battleId, visitorId, queued, charge)).view();
}

import type { ChargeTokens } from "@/lib/answers";
import { checkImages } from "@/lib/attachments";
import { AppError } from "@/lib/errors";
import { type OpenBattle, type PromptRequest, promptLimits } from "@/lib/protocol";
import type { ArenaDeps } from "./deps";
import { battleStatus, toTurnView } from "./dto";
import { lockOpenBattle, requireOpenBattle } from "./lock-battle";
import { newTurn } from "./new-turn";
import { requireVision } from "./require-vision";

/**
 * Asks both sides a follow-up. The same idempotency key gives the turn that it made first. Errors: `battle_not_found`,
 * `battle_closed` after the vote, `battle_busy` while a side is being answered or has failed, `turn_limit_reached`, those of `Moderation.admit`; with images
 * those of `requireVision` and `checkImages`.
 */
export async function continueBattle(
  deps: ArenaDeps,
  visitorId: string,
  battleId: string,
  request: PromptRequest,
  charge?: ChargeTokens,
): Promise<OpenBattle> {
  const { prompt: text, images } = request;
  // Before the moderators, who read for those alone whose battle it is.
  await requireOpenBattle(deps.db, battleId, visitorId);
  await deps.moderation.admit({ surface: "battle_prompt", visitorId, text, images });
  const queued = await deps.db.$transaction(async (tx) => {
    const battle = await lockOpenBattle(tx, battleId, visitorId);
    const where = { battleId_idempotencyKey: { battleId, idempotencyKey: request.idempotencyKey } };
    if ((await tx.turn.findUnique({ where, select: { id: true } })) !== null) return [];
    if (battleStatus(battle.turns.map(toTurnView)) !== "ready") throw new AppError("battle_busy");
    const maxTurns = deps.maxTurns?.() ?? promptLimits.maxTurns;
    if (battle.turns.length >= maxTurns) throw new AppError("turn_limit_reached");
    const { images = [] } = request;
    if (images.length > 0) requireVision(deps, battle);
    const known = battle.turns.flatMap((turn) => turn.images.map(({ attachment }) => attachment.id));
    await checkImages(tx, visitorId, images, known);
    const ordinal = await tx.turn.count({ where: { battleId } });
    const turn = newTurn({ ...request, images, ordinal });
    await tx.turn.create({ data: { ...turn.data, battle: { connect: { id: battleId } } } });
    return turn.queued;
  });
  return (await deps.live.refresh(battleId, visitorId, queued, charge)).view();
}

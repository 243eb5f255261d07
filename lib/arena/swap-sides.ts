import { AppError } from "@/lib/errors";
import type { OpenBattle } from "@/lib/protocol";
import type { ArenaDeps } from "./deps";
import { battleStatus, toTurnView } from "./dto";
import { lockOpenBattle } from "./lock-battle";

/** More attempts than any side will ever see. */
const aside = 1_000_000;

/**
 * Exchanges the sides of a comparison, models and answers together. Errors: `battle_not_found`, `battle_closed`,
 * `battle_busy` while a side is being answered, `forbidden` for a blind battle: there the draw decides.
 */
export async function swapSides(deps: ArenaDeps, visitorId: string, battleId: string): Promise<OpenBattle> {
  await deps.db.$transaction(async (tx) => {
    const battle = await lockOpenBattle(tx, battleId, visitorId);
    if (battle.kind !== "compare") throw new AppError("forbidden");
    if (battleStatus(battle.turns.map(toTurnView)) === "running") throw new AppError("battle_busy");
    const { modelAId, modelBId } = battle;
    await tx.battle.update({ where: { id: battleId }, data: { modelAId: modelBId, modelBId: modelAId } });
    // (turn, side, attempt) is unique and checked row by row: those of A step aside, far up, while those of B move.
    await tx.$executeRaw`
      UPDATE responses SET side = 'b', attempt = attempt + ${aside}::int
      FROM turns WHERE turns.id = turn_id AND battle_id = ${battleId}::uuid AND side = 'a'`;
    await tx.$executeRaw`
      UPDATE responses SET side = 'a'
      FROM turns WHERE turns.id = turn_id AND battle_id = ${battleId}::uuid AND side = 'b' AND attempt < ${aside}::int`;
    await tx.$executeRaw`
      UPDATE responses SET attempt = attempt - ${aside}::int
      FROM turns WHERE turns.id = turn_id AND battle_id = ${battleId}::uuid AND attempt >= ${aside}::int`;
  });
  return (await deps.live.refresh(battleId, visitorId, [])).view();
}

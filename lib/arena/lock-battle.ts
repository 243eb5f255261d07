import type { Database, Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type BattleRow, battleInclude } from "./dto";

/**
 * Locks a battle's row for the rest of the transaction, so that turns, retries and the vote of one battle come one after
 * another, whatever process or tab they come from. Errors: `battle_not_found`, also for another visitor's battle.
 */
export async function lockBattle(
  tx: Prisma.TransactionClient,
  battleId: string,
  visitorId: string,
): Promise<BattleRow> {
  const locked = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM battles WHERE id = ${battleId}::uuid AND visitor_id = ${visitorId}::uuid FOR NO KEY UPDATE`;
  if (locked.length === 0) throw new AppError("battle_not_found");
  return tx.battle.findUniqueOrThrow({ where: { id: battleId }, include: battleInclude });
}

/**
 * As {@link lockBattle}, for what may only happen before the vote, and while there is a text. Errors: also
 * `battle_closed`.
 */
export async function lockOpenBattle(
  tx: Prisma.TransactionClient,
  battleId: string,
  visitorId: string,
): Promise<BattleRow> {
  const battle = await lockBattle(tx, battleId, visitorId);
  requireOpen(battle);
  return battle;
}

/**
 * The same question as {@link lockOpenBattle} asks, without the lock: for what costs too much to be done for whoever asks, and
 * must not wait for it with a row locked. It holds for the moment only. Errors: `battle_not_found`, `battle_closed`.
 */
export async function requireOpenBattle(
  db: Pick<Database, "battle">,
  battleId: string,
  visitorId: string,
): Promise<void> {
  const battle = await db.battle.findFirst({
    where: { id: battleId, visitorId },
    select: { textDeletedAt: true, vote: { select: { id: true } } },
  });
  if (battle === null) throw new AppError("battle_not_found");
  requireOpen(battle);
}

function requireOpen({ vote, textDeletedAt }: { vote: object | null; textDeletedAt: Date | null }): void {
  if (vote !== null || textDeletedAt !== null) throw new AppError("battle_closed");
}

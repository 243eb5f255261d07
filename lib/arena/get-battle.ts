import { AppError } from "@/lib/errors";
import type { BattleEvent, BattleView } from "@/lib/protocol";
import type { ArenaDeps } from "./deps";
import { battleInclude } from "./dto";
import { reveal } from "./reveal";

/** The battle as its visitor may see it now. Errors: `battle_not_found`, also for another visitor's battle. */
export async function getBattle(deps: ArenaDeps, visitorId: string, battleId: string): Promise<BattleView> {
  return (
    (await findRevealed(deps, visitorId, battleId)) ?? (await deps.live.open(battleId, visitorId)).view()
  );
}

/**
 * Follows a battle: a snapshot at once, then every event until the caller leaves. A revealed battle has only its
 * snapshot. Returns the way out. Errors: as {@link getBattle}.
 */
export async function followBattle(
  deps: ArenaDeps,
  visitorId: string,
  battleId: string,
  listener: (event: BattleEvent) => void,
): Promise<() => void> {
  const revealed = await findRevealed(deps, visitorId, battleId);
  if (revealed === null) return (await deps.live.open(battleId, visitorId)).subscribe(listener);
  listener({ type: "snapshot", battle: revealed });
  return () => undefined;
}

async function findRevealed(deps: ArenaDeps, visitorId: string, battleId: string) {
  const where = { id: battleId, visitorId };
  const select = { textDeletedAt: true, vote: { select: { id: true } } } as const;
  const found = await deps.db.battle.findFirst({ where, select });
  if (found === null) throw new AppError("battle_not_found");
  if (found.vote === null) {
    // Nothing is left of it: no text, no vote.
    if (found.textDeletedAt !== null) throw new AppError("battle_not_found");
    return null;
  }
  return reveal(await deps.db.battle.findUniqueOrThrow({ where: { id: battleId }, include: battleInclude }));
}

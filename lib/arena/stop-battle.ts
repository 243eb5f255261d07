import type { OpenBattle, StopRequest } from "@/lib/protocol";
import type { ArenaDeps } from "./deps";

/**
 * Stops the answers that are being written, one side or both. What is written stays, and voting opens on it. Stopping
 * what has ended already is no error; what another server writes ends a moment later. Errors: `battle_not_found`.
 */
export async function stopBattle(
  deps: ArenaDeps,
  visitorId: string,
  battleId: string,
  { side }: StopRequest,
): Promise<OpenBattle> {
  const battle = await deps.live.open(battleId, visitorId);
  await battle.stop(side);
  if (battle.isWrittenElsewhere) deps.live.stopElsewhere(battleId, side);
  return battle.view();
}

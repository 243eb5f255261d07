import { v7 as uuidv7 } from "uuid";
import { isUniqueViolation } from "@/lib/db";
import type { BlindBattle, PromptRequest } from "@/lib/protocol";
import type { ArenaDeps } from "./deps";
import { newTurn } from "./new-turn";

/**
 * Draws a pair, writes the battle and sends the prompt to both sides at once. The same idempotency key of the same
 * visitor gives the battle that it made first. Errors: `not_enough_models`, `shutting_down`.
 */
export async function startBattle(
  deps: ArenaDeps,
  visitorId: string,
  request: PromptRequest,
): Promise<BlindBattle> {
  const { db } = deps;
  const key = { visitorId_idempotencyKey: { visitorId, idempotencyKey: request.idempotencyKey } };
  const existing = await db.battle.findUnique({ where: key, select: { id: true } });
  if (existing !== null) return (await deps.live.open(existing.id, visitorId)).view();

  const draw = await deps.sampler.draw();
  const turn = newTurn({ ...request, ordinal: 0 });
  const battleId = uuidv7();
  try {
    await db.$transaction([
      db.visitor.upsert({ where: { id: visitorId }, create: { id: visitorId }, update: {} }),
      db.battle.create({
        data: {
          id: battleId,
          visitorId,
          idempotencyKey: request.idempotencyKey,
          ...draw,
          turns: { create: turn.data },
        },
      }),
    ]);
  } catch (error) {
    // The same key twice at the same moment: the other request has won, its battle is the answer.
    if (!isUniqueViolation(error)) throw error;
    const winner = await db.battle.findUnique({ where: key, select: { id: true } });
    if (winner === null) throw error;
    return (await deps.live.open(winner.id, visitorId)).view();
  }
  return (await deps.live.refresh(battleId, visitorId, turn.queued)).view();
}

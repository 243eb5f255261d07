import { v7 as uuidv7 } from "uuid";
import { isUniqueViolation } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { ChosenModels, OpenBattle, StartRequest } from "@/lib/protocol";
import type { ArenaDeps } from "./deps";
import { newTurn } from "./new-turn";
import { type PairDraw, samplePair } from "./sample-pair";

type Candidate = { id: string; name: string };

/**
 * Draws a pair, or takes the two that the visitor has chosen, writes the battle and sends the prompt to both sides at
 * once. The same idempotency key of the same visitor gives the battle that it made first. Errors: `not_enough_models`,
 * `model_not_found` for a chosen model that is not served, `shutting_down`.
 */
export async function startBattle(
  deps: ArenaDeps,
  visitorId: string,
  request: StartRequest,
): Promise<OpenBattle> {
  const { db } = deps;
  const key = { visitorId_idempotencyKey: { visitorId, idempotencyKey: request.idempotencyKey } };
  const existing = await db.battle.findUnique({ where: key, select: { id: true } });
  if (existing !== null) return (await deps.live.open(existing.id, visitorId)).view();

  const names = deps.controller
    .models()
    .filter((model) => model.capabilities.includes("chat"))
    .map((model) => model.name);
  const candidates = await db.model.findMany({
    where: { name: { in: names }, stage: "public" },
    select: { id: true, name: true },
    orderBy: { id: "asc" },
  });
  const { models } = request;
  const draw = models === undefined ? samplePair(candidates, deps.random) : takeChosen(candidates, models);
  const turn = newTurn({ ...request, ordinal: 0 });
  const battleId = uuidv7();
  try {
    await db.$transaction([
      db.visitor.upsert({ where: { id: visitorId }, create: { id: visitorId }, update: {} }),
      db.battle.create({
        data: {
          id: battleId,
          visitorId,
          kind: models === undefined ? "blind" : "compare",
          idempotencyKey: request.idempotencyKey,
          modelAId: draw.a.id,
          modelBId: draw.b.id,
          policyId: draw.policyId,
          propensity: draw.propensity,
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

/** Nothing is drawn: the pair has the propensity 1, and its votes never reach the board of drawn pairs. */
function takeChosen(candidates: readonly Candidate[], chosen: ChosenModels): PairDraw<Candidate> {
  const find = (name: string) => {
    const found = candidates.find((candidate) => candidate.name === name);
    if (found === undefined)
      throw new AppError("model_not_found", { param: "models", details: { model: name } });
    return found;
  };
  return { a: find(chosen.a), b: find(chosen.b), policyId: "chosen", propensity: 1 };
}

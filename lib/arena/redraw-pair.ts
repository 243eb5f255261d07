import type { Database } from "@/lib/db";
import { isAppError } from "@/lib/errors";
import { type BattleRow, battleInclude, shownResponse } from "./dto";
import { newResponse } from "./new-turn";
import type { PairDraw, PairSampler } from "./sample-pair";

export type Redrawn = {
  row: BattleRow;
  /** Responses that wait to be answered. */
  queued: string[];
};

export type Redraw = {
  battleId: string;
  /** Ids of the models that have failed in this battle; it may grow meanwhile. */
  excluded: ReadonlySet<string>;
  /** The prompt shows an image. */
  readsImages: boolean;
  /** Ends the side that has not failed, once it is known that two models are left. False: too late, the pair stays. */
  endOther: () => Promise<boolean>;
};

/**
 * Gives a battle of which nothing has been shown two other models, because one of the first could not start: as if the
 * models that failed had not been there. The failed attempts stay in the database. Null where the battle has moved on
 * meanwhile (text, a second turn, a vote), or no two models are left.
 */
export async function redrawPair(
  deps: { db: Database; sampler: PairSampler },
  { battleId, excluded, readsImages, endOther }: Redraw,
): Promise<Redrawn | null> {
  const { db, sampler } = deps;
  const drawAgain = () => drawOther(sampler, excluded, readsImages);
  let draw = await drawAgain();
  if (draw === null || !(await endOther())) return null;
  // The other side may have failed as well.
  if (excluded.has(draw.modelAId) || excluded.has(draw.modelBId)) draw = await drawAgain();
  if (draw === null) return null;
  const data = draw;
  const queued = await db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM battles WHERE id = ${battleId}::uuid FOR NO KEY UPDATE`;
    const where = { id: battleId };
    const battle = await tx.battle.findUniqueOrThrow({ where, include: battleInclude });
    const [turn, second] = battle.turns;
    if (turn === undefined || second !== undefined) return null;
    if (battle.vote !== null || battle.textDeletedAt !== null) return null;
    const shown = [shownResponse(turn, "a"), shownResponse(turn, "b")];
    if (shown.some(({ status }) => status !== "failed" && status !== "stopped")) return null;
    const responses = shown.map(({ side, attempt }) => newResponse(side, attempt + 1));
    await tx.battle.update({ where, data });
    await tx.response.createMany({ data: responses.map((response) => ({ ...response, turnId: turn.id })) });
    return responses.map(({ id }) => id);
  });
  if (queued === null) return null;
  const row = await db.battle.findUniqueOrThrow({ where: { id: battleId }, include: battleInclude });
  return { row, queued };
}

async function drawOther(
  sampler: PairSampler,
  excluded: ReadonlySet<string>,
  readsImages: boolean,
): Promise<PairDraw | null> {
  try {
    return await sampler.draw(excluded, { readsImages });
  } catch (error) {
    if (isAppError(error) && error.code === "not_enough_models") return null;
    throw error;
  }
}

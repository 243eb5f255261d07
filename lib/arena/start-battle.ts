import { v7 as uuidv7 } from "uuid";
import type { ChargeTokens } from "@/lib/answers";
import { checkImages } from "@/lib/attachments";
import { isUniqueViolation } from "@/lib/db";
import { AppError, isAppError } from "@/lib/errors";
import type { ChosenModels, OpenBattle, StartRequest } from "@/lib/protocol";
import { recordPrivacyNotice } from "@/lib/publication";
import type { ArenaDeps } from "./deps";
import { newTurn } from "./new-turn";
import type { PairDraw } from "./sample-pair";

/**
 * Draws a pair, or takes the two that the visitor has chosen, writes the battle and sends the prompt to both sides at
 * once. The same idempotency key of the same visitor gives the battle that it made first. Errors: `not_enough_models`,
 * `model_not_found` for a chosen model that is not served, `shutting_down`; with images `no_vision_pair` where fewer than two
 * models read them, `model_reads_no_images` for a chosen one that does not, `attachment_not_found`, `too_many_images`.
 */
export async function startBattle(
  deps: ArenaDeps,
  visitorId: string,
  request: StartRequest,
  charge?: ChargeTokens,
): Promise<OpenBattle> {
  const { db } = deps;
  const key = { visitorId_idempotencyKey: { visitorId, idempotencyKey: request.idempotencyKey } };
  const existing = await db.battle.findUnique({ where: key, select: { id: true } });
  if (existing !== null) return (await deps.live.open(existing.id, visitorId)).view();

  const { models, images = [], prompt: text } = request;
  const readsImages = images.length > 0;
  await checkImages(db, visitorId, images);
  await deps.moderation.admit({ surface: "battle_prompt", visitorId, text, images });
  const draw =
    models === undefined ? await drawFor(deps, readsImages) : await findChosen(deps, models, readsImages);
  const turn = newTurn({ ...request, images, ordinal: 0 });
  const battleId = uuidv7();
  try {
    await db.$transaction([
      db.visitor.upsert({ where: { id: visitorId }, create: { id: visitorId }, update: {} }),
      recordPrivacyNotice(db, visitorId),
      db.battle.create({
        data: {
          id: battleId,
          visitorId,
          kind: models === undefined ? "blind" : "compare",
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
  return (await deps.live.begin(battleId, visitorId, turn.queued, charge)).view();
}

async function drawFor({ sampler }: ArenaDeps, readsImages: boolean): Promise<PairDraw> {
  try {
    return await sampler.draw(new Set(), { readsImages });
  } catch (error) {
    if (!readsImages || !isAppError(error) || error.code !== "not_enough_models") throw error;
    throw new AppError("no_vision_pair", { cause: error });
  }
}

/**
 * Nothing is drawn: the pair has the propensity 1, and its votes never reach the board of drawn pairs. Nor does anything
 * take the place of a chosen model that cannot start.
 */
async function findChosen(
  { db, controller }: ArenaDeps,
  chosen: ChosenModels,
  readsImages: boolean,
): Promise<PairDraw> {
  const rows = await db.model.findMany({
    where: { name: { in: [chosen.a, chosen.b] }, stage: "public" },
    select: { id: true, name: true },
  });
  const idOf = (name: string) => {
    const found = rows.find((row) => row.name === name);
    const served = controller
      .models()
      .find((model) => model.name === name && model.capabilities.includes("chat"));
    if (found === undefined || served === undefined)
      throw new AppError("model_not_found", { param: "models", details: { model: name } });
    if (readsImages && !served.capabilities.includes("vision"))
      throw new AppError("model_reads_no_images", { details: { model: name } });
    return found.id;
  };
  return { modelAId: idOf(chosen.a), modelBId: idOf(chosen.b), policyId: "chosen", propensity: 1 };
}

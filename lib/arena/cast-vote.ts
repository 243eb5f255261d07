import { v7 as uuidv7 } from "uuid";
import { requireNotStopped } from "@/lib/accounts";
import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { isJudgeable } from "@/lib/judgeable";
import { blindBoard, compareBoard, countVote, toVoteCategory } from "@/lib/leaderboard";
import type { RevealedBattle, VoteRequest } from "@/lib/protocol";
import { eloUpdate } from "@/lib/rating";
import type { ArenaDeps } from "./deps";
import { type BattleRow, battleInclude, battleStatus, shownResponse, toTurnView } from "./dto";
import { lockBattle } from "./lock-battle";
import { reveal, type VoteEffect } from "./reveal";

/** A crowd at one battle, or at one pair of models, stands in line; it is not sent away. */
const patience = { maxWait: 20_000, timeout: 30_000 } as const;

/**
 * Stores the one vote of a battle with its counts and Elo in one transaction, refits the board, and gives the names. The
 * same idempotency key again gives the same answer. Whether the vote goes on counting is decided later (lib/trust).
 *
 * @param network the hash of the network that it came from, see `NetworkHashes`
 *
 * A visitor whom a moderator has stopped casts none; a vote from before that is theirs still, and its retry is answered.
 *
 * Errors: `battle_not_found`, `visitor_stopped`, `vote_outdated` where another turn than the one that was judged is the last, or
 * the sides of a comparison were exchanged since,
 * `vote_not_open` unless both of its sides have ended well, `nothing_to_compare` where they are not {@link isJudgeable},
 * `already_voted`, `battle_closed` where its texts were removed.
 */
export async function castVote(
  deps: ArenaDeps,
  visitorId: string,
  battleId: string,
  request: VoteRequest,
  network: Uint8Array<ArrayBuffer> | null = null,
): Promise<RevealedBattle> {
  const { db } = deps;
  const isNew = await db.$transaction(async (tx) => {
    const battle = await lockBattle(tx, battleId, visitorId);
    if (battle.vote !== null) {
      if (battle.vote.idempotencyKey === request.idempotencyKey) return false;
      throw new AppError("already_voted");
    }
    await requireNotStopped(tx, visitorId);
    if (battle.textDeletedAt !== null) throw new AppError("battle_closed");
    await requireLastTurn(tx, battle, request.turnId);
    requireSides(battle, request.models);
    const turns = battle.turns.map(toTurnView);
    const last = turns.at(-1);
    if (last === undefined || battleStatus(turns) !== "ready") throw new AppError("vote_not_open");
    if (!isJudgeable(last)) throw new AppError("nothing_to_compare");
    await storeVote(tx, battle, request, network);
    return true;
  }, patience);

  if (isNew) {
    await measureEffect(deps, battleId);
    await deps.live.announceVote(battleId);
  }
  return reveal(await db.battle.findUniqueOrThrow({ where: { id: battleId }, include: battleInclude }));
}

/**
 * A follow-up, or a turn that took another's place, may have come from another window. A vote that names no turn can only
 * mean the first, so it is taken where there was no other.
 */
async function requireLastTurn(
  tx: Prisma.TransactionClient,
  battle: BattleRow,
  turnId: string | undefined,
): Promise<void> {
  const isLast =
    turnId === undefined
      ? (await tx.turn.count({ where: { battleId: battle.id } })) === 1
      : battle.turns.at(-1)?.id === turnId;
  if (!isLast) throw new AppError("vote_outdated");
}

/** The sides may have been exchanged in another window. Of a blind battle nothing is compared: that would tell who is who. */
function requireSides({ kind, modelA, modelB }: BattleRow, models: VoteRequest["models"]): void {
  if (kind !== "compare" || models === undefined) return;
  if (models.a !== modelA.name || models.b !== modelB.name) throw new AppError("vote_outdated");
}

async function storeVote(
  tx: Prisma.TransactionClient,
  battle: BattleRow,
  request: VoteRequest,
  network: Uint8Array<ArrayBuffer> | null,
): Promise<void> {
  const { modelAId, modelBId, visitorId } = battle;
  const voteId = uuidv7();
  const board = battle.kind === "blind" ? blindBoard : compareBoard;
  const vote = { voteId, board, modelAId, modelBId, outcome: request.outcome };
  const turns = battle.turns.map((turn) => ({
    prompt: turn.prompt,
    a: shownResponse(turn, "a").text,
    b: shownResponse(turn, "b").text,
  }));
  const facts = toVoteCategory({ ...vote, turns });
  // From here to the end other votes on these models wait, so what can be done before has been. In the order of ids, so that two
  // votes on the same models cannot wait for each other in a ring.
  const locked = await tx.$queryRaw<{ id: string; elo: number }[]>`
    SELECT id, elo FROM models WHERE id IN (${modelAId}::uuid, ${modelBId}::uuid) ORDER BY id FOR NO KEY UPDATE`;
  const elo = new Map(locked.map((model) => [model.id, model.elo]));
  const eloABefore = elo.get(modelAId) ?? battle.modelA.elo;
  const eloBBefore = elo.get(modelBId) ?? battle.modelB.elo;
  // The public Elo is made of blind votes alone, and a model against itself tells of voters, not of the model.
  const isRated = battle.kind === "blind" && modelAId !== modelBId;
  const after = isRated
    ? eloUpdate(eloABefore, eloBBefore, request.outcome)
    : { a: eloABefore, b: eloBBefore };
  if (isRated) {
    await tx.$executeRaw`
      UPDATE models SET elo = rated.elo
      FROM (VALUES (${modelAId}::uuid, ${after.a}::float8), (${modelBId}::uuid, ${after.b}::float8)) AS rated (id, elo)
      WHERE models.id = rated.id`;
  }
  await tx.vote.create({
    data: {
      id: voteId,
      battleId: battle.id,
      visitorId,
      idempotencyKey: request.idempotencyKey,
      outcome: request.outcome,
      turnCount: battle.turns.length,
      eloABefore,
      eloAAfter: after.a,
      eloBBefore,
      eloBAfter: after.b,
    },
  });
  if (network !== null) await tx.voteOrigin.create({ data: { voteId, network } });
  await tx.voteCategory.create({ data: facts });
  await countVote(tx, { ...vote, visitorId, categories: facts.categories });
}

/** The vote is safe by now: whatever fails here costs the reveal its scores, never the vote. */
async function measureEffect(deps: ArenaDeps, battleId: string): Promise<void> {
  try {
    const select = {
      id: true,
      outcome: true,
      battle: { select: { kind: true, modelAId: true, modelBId: true } },
    } as const;
    const vote = await deps.db.vote.findUniqueOrThrow({ where: { battleId }, select });
    const { outcome } = vote;
    const { kind, ...models } = vote.battle;
    // A vote on named models does nothing to the blind board, so there is no effect to show.
    if (kind !== "blind") return;
    const sides: VoteEffect = await deps.leaderboard.effectOf({ board: blindBoard, ...models, outcome });
    await deps.db.voteEffect.create({ data: { voteId: vote.id, sides } });
  } catch (error) {
    deps.logger.error({ err: error, battleId }, "the effect of a vote could not be measured");
  }
}

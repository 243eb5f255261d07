import { z } from "zod";
import { AppError } from "@/lib/errors";
import {
  boardScoreSchema,
  type RevealedBattle,
  type RevealedSide,
  type Side,
  type VoteReasons,
  voteReasonsSchema,
} from "@/lib/protocol";
import { type BattleRow, shownResponse, toModelView, toTurnView } from "./dto";

const sideEffectSchema = z.object({
  votes: z.number().int(),
  before: boardScoreSchema.nullable(),
  after: boardScoreSchema.nullable(),
});

/** What is stored of a vote's effect: `vote_effects.sides`. */
export const voteEffectSchema = z.object({ a: sideEffectSchema, b: sideEffectSchema });
export type VoteEffect = z.infer<typeof voteEffectSchema>;

/**
 * The names, once the vote is stored. The only maker of a revealed battle. Errors: `vote_not_open` for a battle without
 * its vote.
 */
export function reveal(battle: BattleRow): RevealedBattle {
  const { vote } = battle;
  if (vote === null) throw new AppError("vote_not_open");
  const effect = vote.effect === null ? null : voteEffectSchema.parse(vote.effect.sides);
  const revealSide = (side: Side): RevealedSide => {
    const model = side === "a" ? battle.modelA : battle.modelB;
    return {
      model: toModelView(model),
      votes: effect?.[side].votes ?? 0,
      before: effect?.[side].before ?? null,
      after: effect?.[side].after ?? null,
      elo:
        side === "a"
          ? { before: vote.eloABefore, after: vote.eloAAfter }
          : { before: vote.eloBBefore, after: vote.eloBAfter },
      ...measure(battle, side),
    };
  };
  return {
    kind: "revealed",
    board: battle.kind,
    id: battle.id,
    createdAt: battle.createdAt.toISOString(),
    isTextDeleted: battle.textDeletedAt !== null,
    turns: battle.turns.map(toTurnView),
    vote: { outcome: vote.outcome, createdAt: vote.createdAt.toISOString() },
    reasons: vote.reasons === null ? null : toVoteReasons(vote.reasons),
    sides: { a: revealSide("a"), b: revealSide("b") },
  };
}

export function toVoteReasons(row: { reasons: string[]; comment: string }): VoteReasons {
  return voteReasonsSchema.parse({ reasons: row.reasons, comment: row.comment });
}

type Measured = Pick<RevealedSide, "tokens" | "firstTokenMs" | "tokensPerSecond" | "totalMs">;

/** Sums over the shown turns; the wait for the first token is their mean. Turns without figures are left out. */
function measure(battle: BattleRow, side: Side): Measured {
  const responses = battle.turns.map((turn) => shownResponse(turn, side));
  const tokens = known(responses.map((response) => response.completionTokens));
  const firsts = known(responses.map((response) => response.firstTokenMs));
  const totals = known(responses.map((response) => response.totalMs));
  const writingMs = known(
    responses.map(({ firstTokenMs, totalMs, completionTokens }) =>
      firstTokenMs === null || totalMs === null || completionTokens === null ? null : totalMs - firstTokenMs,
    ),
  );
  // The first token's time is the wait; the speed is that of the tokens after it.
  const seconds = sum(writingMs) / 1000;
  const speed = seconds > 0 ? (sum(tokens) - writingMs.length) / seconds : 0;
  return {
    tokens: tokens.length === 0 ? null : sum(tokens),
    firstTokenMs: firsts.length === 0 ? null : sum(firsts) / firsts.length,
    tokensPerSecond: speed > 0 ? speed : null,
    totalMs: totals.length === 0 ? null : sum(totals),
  };
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

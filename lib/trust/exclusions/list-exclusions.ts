import { z } from "zod";
import { type Database, databaseError } from "@/lib/db";
import {
  type ExclusionReason,
  exclusionReasonSchema,
  type Outcome,
  parseInput,
  type VoteEvidence,
} from "@/lib/protocol";
import { type ActEvidence, readActEvidence, readVoteEvidence } from "./read-evidence";
import { votesOf } from "./votes-of";

const querySchema = z.strictObject({
  /** Acts before the one with this id. */
  before: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  reason: exclusionReasonSchema.optional(),
  /** This one alone. */
  actId: z.uuid().optional(),
  /** Acts on this vote, or on votes of this visitor; of an account also on those from before its sign-ins. */
  voteId: z.uuid().optional(),
  visitorId: z.uuid().optional(),
  /** `active`: in force; `reversed`: taken back. Default: all. */
  state: z.enum(["active", "reversed"]).optional(),
});
export type ExclusionQuery = z.input<typeof querySchema>;

/** Points of one model on one board, before the act and after it; null where it had no score. */
export type ModelMove = { board: string; modelId: string; before: number | null; after: number | null };

export type ExclusionLine = {
  actId: string;
  at: Date;
  reason: ExclusionReason;
  by: { kind: "user" | "cli" | "system"; id: string | null; label: string; ruleVersion: number | null };
  note: string;
  evidence: ActEvidence;
  effect: ModelMove[];
  votes: number;
  /** The first of them, each with its own evidence. */
  firstVotes: ExcludedVote[];
  reversal: { at: Date; by: string; note: string; votes: number } | null;
};

export type ExcludedVote = {
  voteId: string;
  battleId: string;
  visitorId: string;
  at: Date;
  outcome: Outcome;
  /** Displayed names. */
  modelA: string;
  modelB: string;
  evidence: VoteEvidence;
};

/** Votes of an act that a line tells of. */
const shownVotes = 20;

const votedSelect = {
  ...{ battleId: true, visitorId: true, createdAt: true, outcome: true },
  battle: {
    select: { modelA: { select: { displayName: true } }, modelB: { select: { displayName: true } } },
  },
} as const;

const effectSchema = z.record(
  z.string(),
  z.array(z.tuple([z.string(), z.number().nullable(), z.number().nullable()])),
);

/** For the operator, newest first. Errors: `invalid_request`, `database_unavailable`. */
export async function listExclusions(db: Database, query: ExclusionQuery = {}): Promise<ExclusionLine[]> {
  const { before, limit, reason, actId, voteId, visitorId, state } = parseInput(querySchema, query);
  try {
    const rows = await db.exclusionAct.findMany({
      where: {
        id: { lt: before, equals: actId },
        reason,
        reversal: state === undefined ? undefined : state === "active" ? null : { isNot: null },
        exclusions:
          voteId === undefined && visitorId === undefined
            ? undefined
            : { some: { voteId, vote: visitorId === undefined ? undefined : votesOf(visitorId) } },
      },
      orderBy: { id: "desc" },
      take: limit,
      include: {
        reversal: true,
        exclusions: {
          take: shownVotes,
          orderBy: { voteId: "asc" },
          include: { vote: { select: votedSelect } },
        },
      },
    });
    return rows.map((row) => ({
      ...{ actId: row.id, at: row.at, reason: exclusionReasonSchema.parse(row.reason) },
      by: { kind: row.actorKind, id: row.actorId, label: row.actorLabel, ruleVersion: row.ruleVersion },
      ...{ note: row.note, evidence: readActEvidence(row.evidence), votes: row.votes },
      effect: toMoves(row.effect),
      firstVotes: row.exclusions.map(({ voteId: id, reason: own, evidence, vote }) => ({
        voteId: id,
        ...{ battleId: vote.battleId, visitorId: vote.visitorId, at: vote.createdAt, outcome: vote.outcome },
        modelA: vote.battle.modelA.displayName,
        modelB: vote.battle.modelB.displayName,
        evidence: readVoteEvidence(exclusionReasonSchema.parse(own), evidence),
      })),
      reversal:
        row.reversal === null
          ? null
          : {
              at: row.reversal.at,
              by: row.reversal.actorLabel,
              note: row.reversal.note,
              votes: row.reversal.votes,
            },
    }));
  } catch (error) {
    throw databaseError(error);
  }
}

export function toMoves(effect: unknown): ModelMove[] {
  return Object.entries(effectSchema.parse(effect)).flatMap(([board, moves]) =>
    moves.map(([modelId, before, after]) => ({ board, modelId, before, after })),
  );
}

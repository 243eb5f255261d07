import { z } from "zod";
import { type Database, databaseError } from "@/lib/db";
import { type ExclusionReason, exclusionReasonSchema, parseInput } from "@/lib/protocol";
import { votesOf } from "./votes-of";

const querySchema = z.strictObject({
  /** Acts before the one with this id. */
  before: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  reason: exclusionReasonSchema.optional(),
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
  evidence: unknown;
  effect: ModelMove[];
  votes: number;
  /** The first of them, each with its own evidence. */
  firstVotes: { voteId: string; battleId: string; visitorId: string; evidence: unknown }[];
  reversal: { at: Date; by: string; note: string; votes: number } | null;
};

/** Votes of an act that a line tells of. */
const shownVotes = 20;

const effectSchema = z.record(
  z.string(),
  z.array(z.tuple([z.string(), z.number().nullable(), z.number().nullable()])),
);

/** For the operator, newest first. Errors: `invalid_request`, `database_unavailable`. */
export async function listExclusions(db: Database, query: ExclusionQuery = {}): Promise<ExclusionLine[]> {
  const { before, limit, reason, voteId, visitorId, state } = parseInput(querySchema, query);
  try {
    const rows = await db.exclusionAct.findMany({
      where: {
        id: before === undefined ? undefined : { lt: before },
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
          include: { vote: { select: { battleId: true, visitorId: true } } },
        },
      },
    });
    return rows.map((row) => ({
      ...{ actId: row.id, at: row.at, reason: exclusionReasonSchema.parse(row.reason) },
      by: { kind: row.actorKind, id: row.actorId, label: row.actorLabel, ruleVersion: row.ruleVersion },
      ...{ note: row.note, evidence: row.evidence, votes: row.votes },
      effect: toMoves(row.effect),
      firstVotes: row.exclusions.map(({ voteId: id, evidence, vote }) => ({ voteId: id, ...vote, evidence })),
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

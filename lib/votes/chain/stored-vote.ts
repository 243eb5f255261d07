import { blindBoard } from "@/lib/leaderboard";
import type { Outcome } from "@/lib/protocol";
import { type ChainRecord, voterCommitment } from "./chain-hash";

/** A vote as the database has it, of either table. */
export type StoredVote = {
  id: string;
  board: string;
  castAt: Date | null;
  count: number;
  externalId: string | null;
  modelA: string;
  modelB: string;
  modelAId: string;
  modelBId: string;
  outcome: Outcome;
  policy: string | null;
  propensity: number | null;
  source: string | null;
  turnCount: number | null;
  /** The cookie that voted: part of the chain, as it was then. */
  voter: string | null;
  /** Who is counted as the voter: the account that the cookie's visitor has since signed in to, else the same as `voter`. */
  countedVoter: string | null;
  voterKind: "human" | "judge";
  /** Why it does not count; empty: it counts. Not part of the chain: a decision may be taken back. */
  excluded: string[];
};

/**
 * Every vote of the site and from elsewhere, with the names of its models: the columns of {@link StoredVote}. `ids` is a
 * parameter such as `$1` that holds the ids of the votes to find; both tables are then read by their keys.
 */
export function storedVotesSql(ids?: `$${number}`): string {
  const only = (column: string) => (ids === undefined ? "" : `WHERE ${column} = ANY(${ids}::uuid[])`);
  return `
    SELECT v.id, COALESCE(c.board, '${blindBoard}') AS board, v.created_at AS "castAt", 1 AS count, NULL AS "externalId",
           a.name AS "modelA", b.name AS "modelB", a.id AS "modelAId", b.id AS "modelBId",
           v.outcome::text AS outcome, battle.policy_id AS policy, battle.propensity, NULL AS source,
           v.turn_count AS "turnCount", v.visitor_id::text AS voter,
           COALESCE(visitor.merged_into_id, v.visitor_id)::text AS "countedVoter", 'human' AS "voterKind",
           COALESCE(x.reasons, '{}') AS excluded
      FROM votes v
      LEFT JOIN vote_categories c ON c.vote_id = v.id
      LEFT JOIN excluded_votes x ON x.vote_id = v.id
      JOIN battles battle ON battle.id = v.battle_id
      JOIN visitors visitor ON visitor.id = v.visitor_id
      JOIN models a ON a.id = battle.model_a_id
      JOIN models b ON b.id = battle.model_b_id
     ${only("v.id")}
    UNION ALL
    SELECT e.id, e.board, e.cast_at, e.count, e.external_id, a.name, b.name, a.id, b.id, e.outcome::text, NULL, NULL,
           s.name, e.turn_count, e.voter::text, e.voter::text, e.voter_kind::text, ARRAY[]::text[]
      FROM external_votes e
      JOIN vote_sources s ON s.id = e.source_id
      JOIN models a ON a.id = e.model_a_id
      JOIN models b ON b.id = e.model_b_id
     ${only("e.id")}`;
}

export function toRecord(vote: StoredVote, seq: number, salt: Buffer): ChainRecord {
  return {
    board: vote.board,
    castAt: vote.castAt?.toISOString() ?? null,
    count: vote.count,
    externalId: vote.externalId,
    modelA: vote.modelA,
    modelB: vote.modelB,
    outcome: vote.outcome,
    policy: vote.policy,
    propensity: vote.propensity,
    seq,
    source: vote.source,
    turnCount: vote.turnCount,
    voterCommitment: voterCommitment(salt, vote.voter),
    voterKind: vote.voterKind,
  };
}

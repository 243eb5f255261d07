import { hash } from "node:crypto";
import type { Outcome } from "@/lib/protocol";

/**
 * What the chain says of a vote: public, without the voter, who is hidden in `voterCommitment`. The keys stand in
 * alphabetical order, so that `JSON.stringify` gives the canonical form of RFC 8785.
 */
export type ChainRecord = {
  board: string;
  /** ISO 8601 in UTC with milliseconds; null where the source does not tell. */
  castAt: string | null;
  /** Equal votes that the row stands for. */
  count: number;
  /** Name at its source; null for the site's own. */
  externalId: string | null;
  modelA: string;
  modelB: string;
  outcome: Outcome;
  /** The sampling policy, and the probability with which it drew this ordered pair; null for votes from elsewhere. */
  policy: string | null;
  propensity: number | null;
  seq: number;
  source: string | null;
  turnCount: number | null;
  /** SHA-256 of salt and voter, hex. Two votes of one voter have nothing in common in it. */
  voterCommitment: string;
  voterKind: "human" | "judge";
};

/** The hash before the first vote. */
export const genesisHash: Buffer = Buffer.alloc(32);

/** SHA-256 of the record's canonical JSON. */
export function recordHash(record: ChainRecord): Buffer {
  const { board, castAt, count, externalId, modelA, modelB, outcome } = record;
  const { policy, propensity, seq, source, turnCount, voterCommitment, voterKind } = record;
  // Written out, so that neither the order of a caller's keys nor a key too many changes the hash.
  const canonical = JSON.stringify({
    board,
    castAt,
    count,
    externalId,
    modelA,
    modelB,
    outcome,
    policy,
    propensity,
    seq,
    source,
    turnCount,
    voterCommitment,
    voterKind,
  });
  return hash("sha256", canonical, "buffer");
}

/** The chain's hash after a record: SHA-256 of the hash before it and the record's own hash, 64 bytes. */
export function nextHash(previous: Buffer, record: Buffer): Buffer {
  return hash("sha256", Buffer.concat([previous, record]), "buffer");
}

/** Hides a voter: without the salt nobody can try out voters. A vote without a known voter has the empty one. */
export function voterCommitment(salt: Buffer, voter: string | null): string {
  return hash("sha256", Buffer.concat([salt, Buffer.from(voter ?? "")]));
}

import { z } from "zod";
import { outcomeSchema } from "@/lib/protocol";

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, "is no SHA-256");
const seqSchema = z.number().int().min(1);

/** One vote of a release: a line of votes.jsonl, a row of votes.csv and votes.parquet. */
export const exportedVoteSchema = z.strictObject({
  /** Place in the chain, from 1. */
  seq: seqSchema,
  board: z.string().min(1),
  /** Null: cast on this site. */
  source: z.string().nullable(),
  externalId: z.string().nullable(),
  modelA: z.string().min(1),
  modelB: z.string().min(1),
  outcome: outcomeSchema,
  /** Equal votes that the row stands for. */
  count: z.number().int().min(1),
  voterKind: z.enum(["human", "judge"]),
  /** Pseudonym of this release; null where the voter is not known. */
  voter: z.string().nullable(),
  castAt: z.iso.datetime().nullable(),
  turnCount: z.number().int().min(1).nullable(),
  policy: z.string().nullable(),
  propensity: z.number().nullable(),
  /** Why it does not count on its board; empty: it counts. Releases from before there were exclusions lack it. */
  excluded: z.array(z.string().regex(/^[a-z_]+$/)).default([]),
  voterCommitment: hashSchema,
  recordHash: hashSchema,
  /** The chain's hash after this vote. */
  hash: hashSchema,
});
export type ExportedVote = z.infer<typeof exportedVoteSchema>;

/** A vote that the release leaves out; its hashes let the chain be checked all the same. */
export const withheldVoteSchema = z.strictObject({
  seq: seqSchema,
  withheld: z.literal(true),
  recordHash: hashSchema,
  hash: hashSchema,
});

export const exportedLineSchema = z.union([exportedVoteSchema, withheldVoteSchema]);
export type ExportedLine = z.infer<typeof exportedLineSchema>;

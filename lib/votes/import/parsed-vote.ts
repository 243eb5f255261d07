import { z } from "zod";
import type { Outcome } from "@/lib/protocol";

/** A vote as a file tells it, before models and voters are known here. */
export type ParsedVote = {
  externalId: string;
  modelA: string;
  modelB: string;
  outcome: Outcome;
  count: number;
  voterKind: "human" | "judge";
  /** Whatever names the voter at the source; only a keyed hash of it is stored. */
  voter: string | null;
  /** Votes of different kinds are counted apart: see `boardOf`. */
  kind: VoteKind;
  castAt: Date | null;
  turnCount: number | null;
  language: string | null;
};

/** `blind`: the voter did not know the models; `named`: did; `judge`: the voter is a program. */
export type VoteKind = "blind" | "named" | "judge";

/** What became of one record. */
export type Parsed =
  | { votes: ParsedVote[] }
  /** Not a vote, and nothing wrong with it: a chat in a log. */
  | { ignored: string }
  | { fault: string };

/** PostgreSQL stores no NUL, a terminal should not be steered by a name, and half a surrogate pair is no character. */
const unfit = /[\p{Cc}\p{Cs}]/u;

export const nameSchema = z
  .string()
  .trim()
  .min(1, "is empty")
  .max(200, "is longer than 200 characters")
  .refine((text) => !unfit.test(text), "holds characters that no name has");

export const idSchema = z.union([
  nameSchema,
  z
    .number()
    .int()
    .transform((id) => String(id)),
]);

/** Seconds since 1970, as Python's `time.time()`, or ISO 8601. Years outside 2000–2100 are a unit mistaken. */
export const timeSchema = z
  .union([z.number(), z.iso.datetime({ offset: true, local: true })])
  .transform((time) =>
    typeof time === "number"
      ? new Date(Math.round(time * 1_000))
      : new Date(/[Zz]|[+-]\d\d:?\d\d$/.test(time) ? time : `${time}Z`),
  )
  .refine((date) => date.getUTCFullYear() >= 2000 && date.getUTCFullYear() < 2100, "is no time in seconds");

export const turnCountSchema = z.number().int().min(1).max(10_000);
export const countSchema = z.number().int().min(0).max(2_000_000_000);

/** The first thing wrong with a record, in a few words: `winner: Invalid option …`. */
export function faultOf(error: z.ZodError): { fault: string } {
  const issue = error.issues[0];
  const path = issue?.path.map(String).join(".") ?? "";
  return { fault: path === "" ? (issue?.message ?? "not a vote") : `${path}: ${issue?.message}` };
}

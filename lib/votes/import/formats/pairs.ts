import { z } from "zod";
import type { Outcome } from "@/lib/protocol";
import { countSchema, faultOf, nameSchema, type Parsed, type ParsedVote } from "../parsed-vote";

/** Counts of one pair, one a line. */
const rowSchema = z.object({
  model_a: nameSchema,
  model_b: nameSchema,
  win_a: countSchema,
  win_b: countSchema,
  tie: countSchema.default(0),
  both_bad: countSchema.default(0),
});

export function parsePair(value: unknown): Parsed {
  const result = rowSchema.safeParse(value);
  if (!result.success) return faultOf(result.error);
  const { model_a, model_b, win_a, win_b, tie, both_bad } = result.data;
  return { votes: votesOf(model_a, model_b, [win_a, win_b, tie, both_bad]) };
}

/** The layout of leaderbot: names, pairs of their positions, and [win, loss, tie, both bad] of each pair. */
const tableSchema = z.object({
  models: z.array(nameSchema).min(2),
  X: z.array(z.tuple([z.number().int().min(0), z.number().int().min(0)])),
  Y: z.array(z.tuple([countSchema, countSchema, countSchema, countSchema])),
});

export function parsePairTable(value: unknown): Parsed {
  const result = tableSchema.safeParse(value);
  if (!result.success) return faultOf(result.error);
  const { models, X, Y } = result.data;
  if (X.length !== Y.length) return { fault: `X has ${X.length} pairs and Y ${Y.length}` };
  const votes: ParsedVote[] = [];
  for (const [at, [a, b]] of X.entries()) {
    const modelA = models[a];
    const modelB = models[b];
    if (modelA === undefined || modelB === undefined) return { fault: `X.${at}: no such model` };
    votes.push(...votesOf(modelA, modelB, Y[at] ?? [0, 0, 0, 0]));
  }
  return { votes };
}

const order: readonly Outcome[] = ["a", "b", "tie", "both_bad"];

function votesOf(modelA: string, modelB: string, counts: readonly number[]): ParsedVote[] {
  return order.flatMap((outcome, at): ParsedVote[] => {
    const count = counts[at] ?? 0;
    if (count === 0) return [];
    return [
      {
        externalId: `${modelA}|${modelB}|${outcome}`,
        modelA,
        modelB,
        outcome,
        count,
        voterKind: "human",
        voter: null,
        kind: "blind",
        castAt: null,
        turnCount: null,
        language: null,
      },
    ];
  });
}

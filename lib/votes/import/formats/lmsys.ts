import { z } from "zod";
import { faultOf, idSchema, nameSchema, type Parsed, timeSchema, turnCountSchema } from "../parsed-vote";

/** LMSYS has written the fourth outcome in two ways. */
const outcomes = {
  model_a: "a",
  model_b: "b",
  tie: "tie",
  "tie (bothbad)": "both_bad",
  both_bad: "both_bad",
} as const;

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null);

/**
 * A row of the data sets of LMSYS and LMArena (chatbot_arena_conversations, mt_bench_human_judgments,
 * arena-human-preference): question_id, model_a, model_b, winner, judge, turn, anony, language, tstamp. Conversations
 * may stand beside them and are not looked at.
 */
const schema = z.object({
  question_id: idSchema.optional(),
  id: idSchema.optional(),
  model_a: nameSchema,
  model_b: nameSchema,
  winner: z.enum(["model_a", "model_b", "tie", "tie (bothbad)", "both_bad"]),
  judge: optional(z.union([nameSchema, z.array(nameSchema).min(1)])),
  turn: optional(turnCountSchema),
  anony: optional(z.boolean()),
  /** As data sets name it: `English`, `zh`. */
  language: optional(nameSchema),
  tstamp: optional(timeSchema),
  timestamp: optional(timeSchema),
});

/** Humans of the published sets; every other judge is a program (`gpt4_pair`, `["gpt-4", "pair-v2"]`). */
const human = /^(arena_user|expert|author|human)/;

export function parseLmsys(value: unknown): Parsed {
  const result = schema.safeParse(value);
  if (!result.success) return faultOf(result.error);
  const row = result.data;
  const id = row.question_id ?? row.id;
  if (id === undefined) return { fault: "question_id: missing" };
  const judge = Array.isArray(row.judge) ? row.judge.join("+") : row.judge;
  const isJudge = judge !== null && (Array.isArray(row.judge) || !human.test(judge));
  // In MT-bench one question has votes of many voters on many pairs and turns; in the arena its id is the battle's.
  const isArena = judge === null || judge.startsWith("arena_user");
  const externalId = isArena ? id : [id, row.model_a, row.model_b, judge, row.turn ?? ""].join("|");
  return {
    votes: [
      {
        externalId,
        modelA: row.model_a,
        modelB: row.model_b,
        outcome: outcomes[row.winner],
        count: 1,
        voterKind: isJudge ? "judge" : "human",
        voter: judge,
        kind: isJudge ? "judge" : row.anony === false ? "named" : "blind",
        castAt: row.tstamp ?? row.timestamp,
        turnCount: row.turn,
        language: row.language,
      },
    ],
  };
}

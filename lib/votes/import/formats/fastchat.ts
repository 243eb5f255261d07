import { z } from "zod";
import { faultOf, nameSchema, type Parsed, timeSchema } from "../parsed-vote";

const outcomes = { leftvote: "a", rightvote: "b", tievote: "tie", bothbad_vote: "both_bad" } as const;

const stateSchema = z.object({
  conv_id: nameSchema,
  model_name: z.string().optional(),
  messages: z.array(z.unknown()).optional(),
  offset: z.number().int().min(0).optional(),
});

/** A vote in the conv.json logs of FastChat's web server. */
const schema = z.object({
  tstamp: timeSchema,
  type: z.enum(["leftvote", "rightvote", "tievote", "bothbad_vote"]),
  models: z.tuple([z.string(), z.string()]),
  states: z.tuple([stateSchema, stateSchema]),
  ip: nameSchema.nullish(),
});
const typeSchema = z.object({ type: nameSchema });

/**
 * A line of a conv.json log. The names in `models` are empty while the voter does not know them; the states then have
 * them. Lines of other types (chat, upvote, regenerate …) are no votes between two models and are left out.
 */
export function parseFastChat(value: unknown): Parsed {
  const type = typeSchema.safeParse(value);
  if (!type.success) return faultOf(type.error);
  if (!Object.hasOwn(outcomes, type.data.type)) return { ignored: `of type ${type.data.type}` };
  const result = schema.safeParse(value);
  if (!result.success) return faultOf(result.error);
  const { models, states, tstamp, ip } = result.data;
  const isBlind = models[0] === "" && models[1] === "";
  const names = z
    .tuple([nameSchema, nameSchema])
    .safeParse(isBlind ? states.map((state) => state.model_name ?? "") : models);
  if (!names.success) return faultOf(names.error);
  return {
    votes: [
      {
        // FastChat gives votes no ids; the two conversations have them, and a battle has one vote.
        externalId: `${states[0].conv_id}|${states[1].conv_id}`,
        modelA: names.data[0],
        modelB: names.data[1],
        outcome: outcomes[result.data.type],
        count: 1,
        voterKind: "human",
        voter: ip ?? null,
        kind: isBlind ? "blind" : "named",
        castAt: tstamp,
        turnCount: turnsOf(states[0]),
        language: null,
      },
    ],
  };
}

/** Messages alternate between user and assistant, behind `offset` of the template. */
function turnsOf({ messages, offset = 0 }: z.infer<typeof stateSchema>): number | null {
  if (messages === undefined) return null;
  const turns = Math.floor((messages.length - offset) / 2);
  return turns >= 1 ? turns : null;
}

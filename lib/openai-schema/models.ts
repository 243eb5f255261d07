import { z } from "zod";

/** Source: OpenAI API reference, "The model object". */
export const modelSchema = z.looseObject({
  id: z.string(),
  object: z.literal("model"),
  created: z.int().describe("Seconds since the epoch: the server's start."),
  owned_by: z.string(),
});

export const modelListSchema = z.looseObject({ object: z.literal("list"), data: z.array(modelSchema) });

export const errorSchema = z.looseObject({
  error: z.looseObject({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable().describe("The field at fault."),
    code: z.string().nullable(),
    limit: z.string().optional().describe("Which limit was met, such as `tokensPerMinute`; on 429 and 503."),
  }),
});

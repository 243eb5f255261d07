import { z } from "zod";
import { parseInput } from "@/lib/protocol";
import { parseSamplingFields, refuseUnknown, samplingFieldsSchema, unsupported } from "./sampling-fields";
import type { GenerateRequest, Prompt } from "./types";

/** From the body of `POST /v1/completions`. Source: OpenAI API reference, "Create completion". */

export type CompletionRequest = {
  /** One for each prompt. */
  prompts: readonly GenerateRequest[];
  /** Answers for each prompt. */
  choices: number;
  echoesPrompt: boolean;
  isStream: boolean;
  includesUsage: boolean;
};

const maxPrompts = 64;
const maxLogprobs = 20;
/** OpenAI's default; without one, a base model writes until its context is full. */
const defaultMaxTokens = 16;

const tokensSchema = z.array(z.number().int().nonnegative()).min(1);
const fieldsSchema = z.object({
  model: z.string().min(1).max(256),
  prompt: z.union([
    z.string(),
    tokensSchema,
    z.array(z.string()).min(1).max(maxPrompts),
    z.array(tokensSchema).min(1).max(maxPrompts),
  ]),
  suffix: z.string().nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.number().int().min(0).max(maxLogprobs).nullish(),
});
const honoured = new Set([...Object.keys(samplingFieldsSchema.shape), ...Object.keys(fieldsSchema.shape)]);

/** Errors: `invalid_request` or `unsupported_parameter`, with `param`. */
export function parseCompletionRequest(body: unknown): CompletionRequest {
  const { model, prompt, suffix, echo, logprobs } = parseInput(fieldsSchema, body);
  const fields = body as Record<string, unknown>;
  const hasLogprobs = logprobs !== null && logprobs !== undefined;
  refuseUnknown(fields, echo === true && hasLogprobs ? withoutLogprobs : honoured, {
    best_of: (value) => value === 1 || value === fields["n"],
  });
  const { generate, ...answer } = parseSamplingFields(fields);
  return {
    ...answer,
    echoesPrompt: echo === true,
    prompts: toPrompts(prompt, suffix ?? "").map((one) => ({
      ...generate,
      model,
      prompt: one,
      maxTokens: generate.maxTokens ?? defaultMaxTokens,
      topLogprobs: logprobs ?? undefined,
    })),
  };
}

/** With `echo`, log-probabilities of the prompt would be due, which no engine here gives. */
const withoutLogprobs = new Set([...honoured].filter((name) => name !== "logprobs"));

/** An empty suffix is none. Errors: `unsupported_parameter` for a suffix beside ids, which have no text to tell from control tokens. */
function toPrompts(prompt: z.infer<typeof fieldsSchema>["prompt"], suffix: string): Prompt[] {
  const given = Array.isArray(prompt) && typeof prompt[0] !== "number" ? prompt : [prompt];
  return (given as (string | number[])[]).map((one) => {
    if (typeof one === "string") {
      return suffix === "" ? { kind: "text", text: one } : { kind: "text", text: one, suffix };
    }
    if (suffix !== "") throw unsupported("suffix", "suffix with token ids");
    return { kind: "tokens", tokens: one };
  });
}

import { z } from "zod";
import { type Capability, capabilitySchema } from "@/lib/protocol";

const lengthSchema = z.number().int().positive().nullish().catch(null);

/** One entry of `GET /v1/models`. OpenAI has only the first two fields; the others are what engines and providers add. */
const listedModelSchema = z.object({
  id: z.string().min(1).max(512),
  owned_by: z.string().nullish().catch(null),
  /** vLLM, SGLang, a worker of ours. */
  max_model_len: lengthSchema,
  /** OpenRouter, Together. */
  context_length: lengthSchema,
  /** Groq. */
  context_window: lengthSchema,
  /** Mistral. */
  max_context_length: lengthSchema,
  /** llama-server; `n_ctx_train` is what the model was made for. */
  meta: z.object({ n_ctx: lengthSchema, n_ctx_train: lengthSchema }).nullish().catch(null),
  /** A worker of ours: a list of names. Mistral: an object of booleans. */
  capabilities: z
    .union([z.array(z.string()), z.record(z.string(), z.unknown())])
    .nullish()
    .catch(null),
  /** OpenRouter. */
  supported_parameters: z.array(z.string()).nullish().catch(null),
});
export type ListedModel = z.infer<typeof listedModelSchema>;

/** OpenAI's list object; Together sends the bare array. */
export const modelListSchema = z.union([
  z.object({ data: z.array(listedModelSchema) }).transform(({ data }) => data),
  z.array(listedModelSchema),
]);

/** Tokens of the context as far as the entry tells. */
export function listedContextLength(model: ListedModel): number | null {
  return (
    model.max_model_len ??
    model.context_length ??
    model.context_window ??
    model.max_context_length ??
    model.meta?.n_ctx ??
    model.meta?.n_ctx_train ??
    null
  );
}

/** What the entry says that the model does; null: nothing. */
export function listedCapabilities(model: ListedModel): Capability[] | null {
  const { capabilities, supported_parameters: parameters } = model;
  if (Array.isArray(capabilities)) return known(capabilities);
  if (capabilities !== null && capabilities !== undefined) {
    return known(
      Object.entries(mistralNames).flatMap(([theirs, ours]) => (capabilities[theirs] === true ? ours : [])),
    );
  }
  if (parameters === null || parameters === undefined) return null;
  return known([
    "chat",
    ...(parameters.includes("tools") ? ["tools"] : []),
    ...(parameters.includes("response_format") ? ["json"] : []),
    ...(parameters.includes("logprobs") ? ["logprobs"] : []),
  ]);
}

const mistralNames: Readonly<Record<string, string[]>> = {
  completion_chat: ["chat", "json"],
  function_calling: ["tools"],
  vision: ["vision"],
};

/** Null when none is left: then the entry does not speak of what we mean. */
function known(names: readonly string[]): Capability[] | null {
  const result = capabilitySchema.options.filter((capability) => names.includes(capability));
  return result.length === 0 ? null : result;
}

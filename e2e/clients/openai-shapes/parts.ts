/** Building blocks of the shapes. */

type Schema = Record<string, unknown>;

export const string = { type: "string" };
export const integer = { type: "integer" };
export const count = { type: "integer", minimum: 0 };
export const number = { type: "number" };
export const boolean = { type: "boolean" };
export const anyObject = { type: "object" };

export const constant = (value: string): Schema => ({ const: value });
export const oneOf = (...values: string[]): Schema => ({ enum: values });
export const list = (items: Schema): Schema => ({ type: "array", items });
export const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });

/** An object; every field is required except those whose name ends in `?`. */
export function object(fields: Record<string, Schema>): Schema {
  const names = Object.keys(fields);
  return {
    type: "object",
    required: names.filter((name) => !name.endsWith("?")),
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, schema]) => [name.replace("?", ""), schema]),
    ),
  };
}

export const usage = object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  "prompt_tokens_details?": object({ "cached_tokens?": count, "audio_tokens?": count }),
  "completion_tokens_details?": object({ "reasoning_tokens?": count }),
});

const tokenLogprob = {
  token: string,
  logprob: number,
  bytes: nullable(list({ type: "integer", minimum: 0, maximum: 255 })),
};
/** Log-probabilities of a chat's tokens. */
export const chatLogprobs = nullable(
  object({
    content: nullable(list(object({ ...tokenLogprob, top_logprobs: list(object(tokenLogprob)) }))),
    refusal: nullable(list(anyObject)),
  }),
);

/** Tokens of a model that was trained to fill in, from `tokenizer.ggml.fim_{pre,suf,mid}_token_id`; null: it has none. */
export type InfillTokens = { prefix: number | null; suffix: number | null; middle: number | null };

/**
 * A text to continue up to a given suffix, as the model was trained for it: prefix, suffix, middle ("PSM"); without a token
 * for the middle, suffix before prefix, as llama.cpp has it ("SPM"). Null: the model does not fill in.
 * Source: Bavarian et al., "Efficient Training of Language Models to Fill in the Middle", 2022.
 */
export function encodeInfill(
  { text, suffix }: { text: string; suffix: string },
  tokens: InfillTokens,
  tokenize: (text: string) => readonly number[],
): number[] | null {
  if (tokens.prefix === null || tokens.suffix === null) return null;
  const before = [tokens.prefix, ...tokenize(text)];
  const after = [tokens.suffix, ...tokenize(suffix)];
  return tokens.middle === null ? [...after, ...before] : [...before, ...after, tokens.middle];
}

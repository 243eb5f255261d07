import type { Tensor } from "@huggingface/transformers";
import type { PromptEncoder } from "../prompt-encoder";
import { unitVector } from "../unit-vector";
import { integers } from "./decoder-sequence";
import type { LoadedModel } from "./load-model";
import { pool } from "./pooling";
import { tensorFloats } from "./tensor-floats";

/** A text is one run, in which attention takes memory by the square of its length, and nothing else runs beside it. */
const maxInputTokens = 2048;

/** Outputs with a state for each token. */
const stateOutputs = ["last_hidden_state", "token_embeddings"];
/** An output that the model has pooled itself. */
const pooledOutput = "sentence_embedding";

export function canEmbed(outputs: ReadonlySet<string>): boolean {
  return [pooledOutput, ...stateOutputs].some((name) => outputs.has(name));
}

/** Vectors of length 1, inputs one after the other. Errors: see `Engine.embed`. */
export async function embedInputs(
  { model, pooling, contextLength }: LoadedModel,
  encoder: PromptEncoder,
  inputs: readonly (string | readonly number[])[],
  signal: AbortSignal,
): Promise<{ vectors: number[][]; promptTokens: number }> {
  const limit = Math.min(contextLength, maxInputTokens);
  // All are checked before the first is evaluated.
  const encoded = inputs.map((input) => encoder.encodeInput(input, limit));
  const vectors: number[][] = [];
  for (const tokens of encoded) {
    signal.throwIfAborted();
    const results: Record<string, Tensor> = await model.forward({
      input_ids: integers(tokens),
      attention_mask: integers(tokens.map(() => 1)),
    });
    const pooled = results[pooledOutput];
    const states = stateOutputs.map((name) => results[name]).find((tensor) => tensor !== undefined);
    if (pooled !== undefined) vectors.push(unitVector([...tensorFloats(pooled)]));
    else if (states !== undefined) {
      const width = states.dims[2] ?? 0;
      vectors.push(unitVector(pool(tensorFloats(states), tokens.length, width, pooling)));
    } else throw new Error("The model gives no states.");
  }
  return { vectors, promptTokens: encoded.reduce((sum, tokens) => sum + tokens.length, 0) };
}

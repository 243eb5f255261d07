import { type PreTrainedModel, Tensor } from "@huggingface/transformers";
import { tensorFloats } from "./tensor-floats";

/** A text in the making inside the model: the tokens evaluated so far, and their keys and values. */
export class DecoderSequence {
  readonly #model: PreTrainedModel;
  #tokens: number[] = [];
  #cache: Record<string, Tensor> | null = null;

  constructor(model: PreTrainedModel) {
    this.#model = model;
  }

  /** How many of the first `tokens` are evaluated already. */
  commonLength(tokens: readonly number[]): number {
    const differs = this.#tokens.findIndex((token, index) => token !== tokens[index]);
    return differs === -1 ? this.#tokens.length : differs;
  }

  /** Forgets what is behind the first `count` tokens; gives how many stay, which may be less. */
  keep(count: number): number {
    if (count >= this.#tokens.length) return this.#tokens.length;
    const length = this.#tokens.length;
    const tensors = Object.entries(this.#cache ?? {});
    // Only plain attention can be cut; recurrent states and windows cannot go back.
    const isPlain = tensors.every(
      ([name, { dims }]) => name.startsWith("past_key_values.") && dims.length === 4 && dims[2] === length,
    );
    const kept = isPlain ? count : 0;
    this.#cache =
      kept === 0
        ? null
        : Object.fromEntries(
            tensors.map(([name, tensor]) => [name, tensor.slice(null, null, [0, kept], null)]),
          );
    this.#tokens = this.#tokens.slice(0, kept);
    return kept;
  }

  /** Evaluates further tokens. Gives the logits behind the last one, one for each token of the vocabulary. */
  async evaluate(tokens: readonly number[]): Promise<Float32Array> {
    const total = this.#tokens.length + tokens.length;
    const results: Record<string, Tensor> = await this.#model.forward({
      input_ids: integers(tokens),
      attention_mask: integers(Array.from({ length: total }, () => 1)),
      past_key_values: this.#cache,
    });
    const { logits } = results;
    if (logits === undefined) throw new Error("The model gives no logits.");
    this.#cache = cacheOf(results);
    this.#tokens.push(...tokens);
    const vocabulary = logits.dims[2] ?? 0;
    return tensorFloats(logits).slice(-vocabulary);
  }
}

/** A batch of one text. */
export function integers(values: readonly number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
}

/** What the next step takes. Names: Optimum's `present.0.key` → `past_key_values.0.key`, `present_conv.0` → `past_conv.0`. */
function cacheOf(results: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(results)
      .filter(([name]) => name.startsWith("present"))
      .map(([name, tensor]) => [
        name.startsWith("present.")
          ? name.replace("present", "past_key_values")
          : name.replace("present", "past"),
        tensor,
      ]),
  );
}

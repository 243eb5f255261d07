import type { LlamaModel, Token } from "node-llama-cpp";
import type { SampledLogprob, TokenLogprob } from "../types";
import type { RawLogprobs } from "./raw-logprobs";
import { tokenBytes } from "./token-bytes";

/** Ids with logarithms, as the model's sequence gives them, to tokens with text. */
export class SampledLogprobs {
  readonly top: number;
  readonly #model: LlamaModel;
  #raw: RawLogprobs | null = null;

  constructor(model: LlamaModel, top: number) {
    this.#model = model;
    this.top = top;
  }

  take(raw: RawLogprobs): void {
    this.#raw = raw;
  }

  /** That of the token that was sampled last. */
  of(token: number): SampledLogprob {
    const raw = this.#raw;
    if (raw === null) throw new Error("No log-probabilities have been read.");
    return {
      ...this.#name(token, raw.sampled),
      top: raw.top.map(([id, logprob]) => this.#name(id, logprob)),
    };
  }

  #name(token: number, logprob: number): TokenLogprob {
    return {
      token: this.#model.detokenize([token as Token], true),
      logprob,
      bytes: tokenBytes(this.#model, token),
    };
  }
}

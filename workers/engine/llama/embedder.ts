import type { LlamaEmbeddingContext, LlamaModel, Token } from "node-llama-cpp";
import { AppError } from "@/lib/errors";
import type { PromptEncoder } from "../prompt-encoder";
import { unitVector } from "../unit-vector";

/** A long input is one batch, whose buffers are allocated in advance. */
export const maxEmbeddingTokens = 2048;

/** Vectors of texts: what the model pools, or its last state where its file names no pooling, as with chat models. */
export class Embedder {
  readonly #context: LlamaEmbeddingContext;
  readonly #encoder: PromptEncoder;
  readonly #maxTokens: number;

  private constructor(context: LlamaEmbeddingContext, encoder: PromptEncoder, maxTokens: number) {
    this.#context = context;
    this.#encoder = encoder;
    this.#maxTokens = maxTokens;
  }

  static async create(
    model: LlamaModel,
    encoder: PromptEncoder,
    contextLength: number,
    threads: number,
  ): Promise<Embedder> {
    const contextSize = Math.min(contextLength, maxEmbeddingTokens);
    const context = await model.createEmbeddingContext({ contextSize, batchSize: contextSize, threads });
    return new Embedder(context, encoder, contextSize);
  }

  /** Inputs one after the other. Errors: see `Engine.embed`. */
  async embed(
    inputs: readonly (string | readonly number[])[],
    signal: AbortSignal,
  ): Promise<{ vectors: number[][]; promptTokens: number }> {
    // All are checked before the first is evaluated.
    const encoded = inputs.map((input) => this.#encode(input));
    const vectors: number[][] = [];
    for (const tokens of encoded) {
      signal.throwIfAborted();
      const { vector } = await this.#context.getEmbeddingFor([...tokens] as Token[]);
      vectors.push(unitVector(vector));
    }
    return { vectors, promptTokens: encoded.reduce((sum, tokens) => sum + tokens.length, 0) };
  }

  #encode(input: string | readonly number[]): number[] {
    const tokens = this.#encoder.encode(
      typeof input === "string" ? { kind: "text", text: input } : { kind: "tokens", tokens: input },
      undefined,
      "input",
    );
    // The library may add a token at either end.
    const count = this.#context.calculateInputLength([...tokens] as Token[]);
    if (count < this.#maxTokens) return tokens;
    throw new AppError("context_length_exceeded", {
      message: `An input takes less than ${this.#maxTokens} tokens, and this one has ${count}.`,
      param: "input",
      details: { contextLength: this.#maxTokens, promptTokens: count },
    });
  }
}

import { randomInt } from "node:crypto";
import type { LlamaContext, LlamaModel, Token } from "node-llama-cpp";
import { AppError } from "@/lib/errors";
import type { OfferedModel } from "@/lib/protocol";
import { Answer } from "../answer";
import { IncrementalDetokenizer } from "../detokenizer";
import type { ModelLabels } from "../offer-model";
import { Outbox } from "../outbox";
import { PromptEncoder } from "../prompt-encoder";
import { StopMatcher } from "../stop-matcher";
import { withToolCalls } from "../tool-call-parser";
import type { EngineObserver, GenerateChunk, GenerateRequest, Prompt, ToolUse } from "../types";
import { Embedder } from "./embedder";
import { toGrammarState } from "./grammar-state";
import { encodeInfill } from "./infill";
import { LlamaStepSequence } from "./llama-sequence";
import { LlamaTextCodec } from "./llama-text-codec";
import { batchTokens, type LoadedModel } from "./load-model";
import { toTokenBias } from "./logit-bias";
import { describeModel } from "./model-file";
import { SampledLogprobs } from "./sampled-logprobs";
import type { LlamaSampling } from "./sampling";
import { type StepObserver, StepScheduler } from "./step-scheduler";

/**
 * What a step with prompt tokens may take beside running answers: below 60 ms a stream still reads as steady, and the slowdown is
 * for models whose plain step takes long already. Longer starves the streams, shorter makes first tokens late.
 */
const stepTarget = { targetMs: 60, targetSlowdown: 2.5 } as const;
/** A reader that is this many pieces behind has its slot paused until it has caught up. */
const maxUnreadChunks = 256;

export type ServeOptions = {
  slots: number;
  labels: ModelLabels;
  /** True: vectors are offered, too, for which a context of its own is kept. */
  hasEmbeddings: boolean;
  /** Whom the schedulers tell; asked at each event, as it may come later than the load. */
  observer(): EngineObserver | null;
};

/** One name over the loaded model: by itself, or with an adapter. */
export type Variant = { offered: OfferedModel; scheduler: StepScheduler<LlamaSampling> };

/** A loaded file and all names over it. */
export class ServedModel {
  /** The model itself first, then one for each adapter. */
  readonly variants: readonly Variant[];
  readonly encoder: PromptEncoder;
  readonly #loaded: LoadedModel;
  readonly #options: ServeOptions;
  #embedder: Embedder | null = null;

  /** Errors: an `Error` with one clear sentence. */
  static async create(loaded: LoadedModel, options: ServeOptions): Promise<ServedModel> {
    const served = new ServedModel(loaded, options);
    if (options.hasEmbeddings) {
      const { model, contextLength, threads } = loaded;
      served.#embedder = await Embedder.create(model, served.encoder, contextLength, threads);
    }
    return served;
  }

  private constructor(loaded: LoadedModel, options: ServeOptions) {
    this.#loaded = loaded;
    this.#options = options;
    this.encoder = new PromptEncoder(new LlamaTextCodec(loaded));
    this.variants = this.#makeVariants();
  }

  /** `name`: that of a variant. Errors: see `Engine.generate`. */
  async *generate(
    scheduler: Variant["scheduler"],
    request: GenerateRequest,
    signal: AbortSignal,
    onSpeed: (tokensPerSecond: number | null) => void,
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    const { llama, model, contextLength } = this.#loaded;
    const prompt = this.#encode(request.prompt, request.tools);
    const grammar = request.grammar === undefined ? null : toGrammarState(llama, model, request.grammar);
    const tokenBias = toTokenBias(model, request.sampling.logitBias);
    const logprobs =
      request.topLogprobs === undefined ? null : new SampledLogprobs(model, request.topLogprobs);
    const room = contextLength - prompt.length;
    const maxTokens = Math.min(request.maxTokens ?? room, room);
    const reader = new AbortController();
    // Readers go on in the next turn: by then the next decode runs in a thread of its own, beside what they do.
    const outbox = new Outbox<GenerateChunk>(() => scheduler.wake(), setImmediate);
    const answer = new Answer({
      promptTokens: prompt.length,
      maxTokens,
      detokenizer: new IncrementalDetokenizer(
        (tokens, before) => model.detokenize(tokens as Token[], false, before as Token[]),
        prompt,
      ),
      stopMatcher: new StopMatcher(request.stop),
      emit: (chunk) => outbox.push(chunk),
      logprobOf: logprobs === null ? null : (token) => logprobs.of(token),
    });
    scheduler.submit({
      prompt,
      sampling: {
        ...request.sampling,
        seed: request.sampling.seed ?? randomInt(2 ** 32),
        ignoresEndOfTurn: request.ignoresEndOfTurn,
        generated: answer.tokens,
        maxTokens,
        ...(grammar === null ? {} : { grammar }),
        ...(tokenBias === null ? {} : { tokenBias }),
        ...(logprobs === null ? {} : { logprobs }),
      },
      mayReusePrefix: request.mayReusePrefix,
      signal: AbortSignal.any([signal, reader.signal]),
      isPaused: () => outbox.size >= maxUnreadChunks,
      onStart: (cachedTokens) => answer.start(cachedTokens),
      onToken: (token) => {
        const goesOn = answer.push(token);
        if (!goesOn) outbox.close();
        return goesOn;
      },
      onEndOfTurn: () => {
        answer.end();
        outbox.close();
      },
      onError: (error) => outbox.fail(error),
    });
    try {
      yield* request.tools === undefined ? outbox : withToolCalls(outbox);
      onSpeed(answer.tokensPerSecond());
    } finally {
      reader.abort();
    }
  }

  async embed(
    model: string,
    inputs: readonly (string | readonly number[])[],
    signal: AbortSignal,
  ): Promise<{ vectors: number[][]; promptTokens: number }> {
    if (this.#embedder !== null) return this.#embedder.embed(inputs, signal);
    throw new AppError("unsupported_parameter", {
      message: `The model "${model}" does not offer embeddings.`,
      param: "model",
    });
  }

  /** True: the file names the tokens that a suffix needs. */
  get fillsIn(): boolean {
    const { prefix, suffix } = this.#loaded.model.tokens.infill;
    return prefix !== null && suffix !== null;
  }

  async idle(): Promise<void> {
    await Promise.all(this.variants.map(({ scheduler }) => scheduler.idle()));
  }

  #encode(prompt: Prompt, tools: ToolUse | undefined): number[] {
    if (prompt.kind !== "text" || prompt.suffix === undefined) return this.encoder.encode(prompt, tools);
    const { text, suffix } = prompt;
    const { model } = this.#loaded;
    const { tokens } = model;
    this.encoder.refuseEndless(text.length + suffix.length, "prompt");
    const infill = encodeInfill({ text, suffix }, tokens.infill, (part) =>
      model.tokenize(part, false, "trimLeadingSpace"),
    );
    if (infill === null) throw new AppError("unsupported_parameter", { param: "suffix" });
    const bos = tokens.shouldPrependBosToken && tokens.bos !== null ? [tokens.bos] : [];
    return this.encoder.encode({ kind: "tokens", tokens: [...bos, ...infill] });
  }

  #makeVariants(): Variant[] {
    const { model, path, contextLength, adapters, adapterContexts, context } = this.#loaded;
    const { labels, hasEmbeddings } = this.#options;
    const offered = describeModel(path, generalMetadata(model), contextLength, labels, hasEmbeddings);
    return [
      { offered, scheduler: this.#scheduler(context, offered.name) },
      ...adapterContexts.map((adapterContext, index) => {
        const name = adapters[index]?.name ?? "";
        // Vectors come from the model without an adapter.
        const capabilities = offered.capabilities.filter((capability) => capability !== "embedding");
        return {
          offered: { ...offered, name, displayName: name, capabilities },
          scheduler: this.#scheduler(adapterContext, name),
        };
      }),
    ];
  }

  #scheduler(context: LlamaContext, name: string): StepScheduler<LlamaSampling> {
    const sequences = Array.from(
      { length: this.#options.slots },
      // A new context hands out its ids in ascending order from 0.
      (_, id) => new LlamaStepSequence(context.getSequence(), id),
    );
    const { observer } = this.#options;
    const told: StepObserver = {
      started: (waitMs) => observer()?.started(name, waitMs / 1000),
      prompted: (tokens, ms) => observer()?.prompted(name, tokens, ms / 1000),
      stepped: (busySlots, activeSlots) => observer()?.stepped(name, busySlots, activeSlots),
    };
    return new StepScheduler(sequences, { batchTokens, ...stepTarget }, told);
  }
}

function generalMetadata(model: LlamaModel): Readonly<Record<string, unknown>> {
  return model.fileInfo.metadata.general as Readonly<Record<string, unknown>>;
}

import { randomInt } from "node:crypto";
import { getModuleVersion, type LlamaContext, type LlamaModel, type Token } from "node-llama-cpp";
import { AppError } from "@/lib/errors";
import type { OfferedModel } from "@/lib/protocol";
import { Answer } from "../answer";
import { IncrementalDetokenizer } from "../detokenizer";
import type { ModelLabels } from "../offer-model";
import { Outbox } from "../outbox";
import { PromptEncoder } from "../prompt-encoder";
import { StopMatcher } from "../stop-matcher";
import { withToolCalls } from "../tool-call-parser";
import type { Engine, EngineInfo, EngineStatus, GenerateChunk, GenerateRequest, Turn } from "../types";
import { Embedder } from "./embedder";
import { toGrammarState } from "./grammar-state";
import { LlamaStepSequence } from "./llama-sequence";
import { LlamaTextCodec } from "./llama-text-codec";
import { batchTokens, type LoadedModel, type LoadOptions, loadModel } from "./load-model";
import { toTokenBias } from "./logit-bias";
import { describeModel } from "./model-file";
import { SampledLogprobs } from "./sampled-logprobs";
import type { LlamaSampling } from "./sampling";
import { StepScheduler } from "./step-scheduler";

/** Prompt tokens in a step while answers are running: larger starves the streams, smaller wastes decodes. */
const promptTokensBesideAnswers = 128;
/** A reader that is this many pieces behind has its slot paused until it has caught up. */
const maxUnreadChunks = 256;

export type LlamaEngineOptions = Omit<LoadOptions, "logger"> & {
  labels: ModelLabels;
  /** True: vectors are offered, too, for which a context of its own is kept. */
  hasEmbeddings: boolean;
  logger: LoadOptions["logger"];
};

/** GGUF models through node-llama-cpp, batched by {@link StepScheduler}. */
export class LlamaEngine implements Engine {
  readonly #options: LlamaEngineOptions;
  #loaded: Loaded | null = null;
  #version = "";
  #tokensPerSecond: number | null = null;

  constructor(options: LlamaEngineOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const base = await loadModel(this.#options);
    const encoder = new PromptEncoder(new LlamaTextCodec(base));
    const { hasEmbeddings } = this.#options;
    this.#version = `node-llama-cpp ${await getModuleVersion()}`;
    this.#loaded = {
      ...base,
      encoder,
      embedder: hasEmbeddings
        ? await Embedder.create(base.model, encoder, base.contextLength, base.threads)
        : null,
      variants: this.#variants(base),
    };
  }

  info(): EngineInfo {
    const { device, variants } = this.#ready();
    return { name: "llama", version: this.#version, device, slots: this.#options.slots * variants.length };
  }

  models(): readonly OfferedModel[] {
    return this.#ready().variants.map(({ offered }) => offered);
  }

  status(): EngineStatus {
    const schedulers = this.#ready().variants.map(({ scheduler }) => scheduler);
    return {
      busySlots: schedulers.reduce((sum, { busySlots }) => sum + busySlots, 0),
      queued: schedulers.reduce((sum, { queued }) => sum + queued, 0),
      tokensPerSecond: this.#tokensPerSecond,
    };
  }

  /** Counters of a model's step scheduler since the load; without a name, of the model without an adapter. */
  stats(name?: string): Readonly<StepScheduler<LlamaSampling>["stats"]> {
    return this.#variant(name).scheduler.stats;
  }

  /** The prompt's ids, as `generate` evaluates them. */
  tokenizeChat(turns: readonly Turn[]): number[] {
    return this.#ready().encoder.encodeChat(turns);
  }

  tokenize(_model: string, text: string): number[] {
    return this.#ready().encoder.tokenize(text);
  }

  detokenize(_model: string, tokens: readonly number[]): string {
    return this.#ready().encoder.detokenize(tokens);
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    signal.throwIfAborted();
    const { llama, model, contextLength, encoder } = this.#ready();
    const { scheduler } = this.#variant(request.model);
    const prompt = encoder.encode(request.prompt, request.tools);
    const grammar = request.grammar === undefined ? null : toGrammarState(llama, model, request.grammar);
    const tokenBias = toTokenBias(model, request.sampling.logitBias);
    const logprobs =
      request.topLogprobs === undefined ? null : new SampledLogprobs(model, request.topLogprobs);
    const room = contextLength - prompt.length;
    const maxTokens = Math.min(request.maxTokens ?? room, room);
    const reader = new AbortController();
    const outbox = new Outbox<GenerateChunk>(() => scheduler.wake());
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
      this.#noteSpeed(answer.tokensPerSecond());
    } finally {
      reader.abort();
    }
  }

  async embed(
    model: string,
    inputs: readonly (string | readonly number[])[],
    signal: AbortSignal,
  ): Promise<{ vectors: number[][]; promptTokens: number }> {
    const { embedder } = this.#ready();
    if (embedder !== null) return embedder.embed(inputs, signal);
    throw new AppError("unsupported_parameter", {
      message: `The model "${model}" does not offer embeddings.`,
      param: "model",
    });
  }

  async dispose(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = null;
    if (loaded === null) return;
    await Promise.all(loaded.variants.map(({ scheduler }) => scheduler.idle()));
    await loaded.llama.dispose();
  }

  #ready(): Loaded {
    if (this.#loaded === null) throw new AppError("shutting_down");
    return this.#loaded;
  }

  /** The model itself first, then one for each adapter. */
  #variants(base: LoadedModel): Variant[] {
    const { adapters, hasEmbeddings, labels } = this.#options;
    const general = generalMetadata(base.model);
    const offered = describeModel(base.path, general, base.contextLength, labels, hasEmbeddings);
    const names = [offered.name, ...adapters.map(({ name }) => name)];
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new Error(`Two models would be offered as "${twice}".`);
    return [
      { offered, scheduler: this.#scheduler(base.context) },
      ...base.adapterContexts.map((context, index) => {
        const name = adapters[index]?.name ?? "";
        // Vectors come from the model without an adapter.
        const capabilities = offered.capabilities.filter((capability) => capability !== "embedding");
        return {
          offered: { ...offered, name, displayName: name, capabilities },
          scheduler: this.#scheduler(context),
        };
      }),
    ];
  }

  #scheduler(context: LlamaContext): StepScheduler<LlamaSampling> {
    const sequences = Array.from(
      { length: this.#options.slots },
      // A new context hands out its ids in ascending order from 0.
      (_, id) => new LlamaStepSequence(context.getSequence(), id),
    );
    return new StepScheduler(sequences, { batchTokens, promptTokensBesideAnswers });
  }

  #variant(name: string | undefined): Variant {
    const { variants } = this.#ready();
    const variant = name === undefined ? variants[0] : variants.find(({ offered }) => offered.name === name);
    if (variant === undefined) throw new AppError("model_not_found");
    return variant;
  }

  #noteSpeed(speed: number | null): void {
    if (speed === null) return;
    const before = this.#tokensPerSecond;
    this.#tokensPerSecond = before === null ? speed : before * 0.8 + speed * 0.2;
  }
}

type Loaded = LoadedModel & {
  encoder: PromptEncoder;
  embedder: Embedder | null;
  variants: readonly Variant[];
};

/** One name over the loaded model: by itself, or with an adapter. */
type Variant = { offered: OfferedModel; scheduler: StepScheduler<LlamaSampling> };

function generalMetadata(model: LlamaModel): Readonly<Record<string, unknown>> {
  return model.fileInfo.metadata.general as Readonly<Record<string, unknown>>;
}

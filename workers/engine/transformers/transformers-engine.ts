import { cpus } from "node:os";
import { env } from "@huggingface/transformers";
import { AppError } from "@/lib/errors";
import type { Capability, OfferedModel } from "@/lib/protocol";
import { type ModelLabels, offerModel } from "../offer-model";
import { PromptEncoder } from "../prompt-encoder";
import { unsupported } from "../sampling-fields";
import { SlotGate } from "../slot-gate";
import type { Engine, EngineInfo, EngineStatus, GenerateChunk, GenerateRequest } from "../types";
import { DecoderSequence } from "./decoder-sequence";
import { canEmbed, embedInputs } from "./embedder";
import { generateAnswer } from "./generate-answer";
import { type LoadedModel, type LoadOptions, loadModel } from "./load-model";
import { modelNameOf } from "./model-address";

export type TransformersEngineOptions = LoadOptions & {
  labels: ModelLabels;
  slots: number;
  /** True: a model that writes text gives vectors, too. */
  hasEmbeddings: boolean;
};

/**
 * Small ONNX models through transformers.js, on the processor. Requests in different slots take turns step by step; they
 * share no batch, and a step holds the event loop up, since the library runs it there.
 */
export class TransformersEngine implements Engine {
  readonly #options: TransformersEngineOptions;
  readonly #gate: SlotGate;
  readonly #ending = new AbortController();
  #loaded: Loaded | null = null;
  #tokensPerSecond: number | null = null;

  constructor(options: TransformersEngineOptions) {
    this.#options = options;
    this.#gate = new SlotGate(options.slots);
  }

  async load(): Promise<void> {
    const { slots, logger } = this.#options;
    const loaded = await loadModel(this.#options);
    const { model, codec, dtype, threads } = loaded;
    try {
      const offered = this.#describe(loaded);
      const free = Array.from({ length: slots }, () => new DecoderSequence(model));
      this.#loaded = { ...loaded, encoder: new PromptEncoder(codec), offered, free };
    } catch (error) {
      await model.dispose();
      throw error;
    }
    logger.info({ dtype, threads }, "model loaded");
  }

  info(): EngineInfo {
    return {
      name: "transformers",
      version: `transformers.js ${env.version}`,
      device: (cpus()[0]?.model ?? "CPU").slice(0, 256),
      slots: this.#options.slots,
    };
  }

  models(): readonly OfferedModel[] {
    return [this.#ready().offered];
  }

  status(): EngineStatus {
    const { busy, queued } = this.#gate;
    return { busySlots: busy, queued, tokensPerSecond: this.#tokensPerSecond };
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    signal.throwIfAborted();
    const loaded = this.#ready();
    if (!loaded.isDecoder) throw unsupported("model", `Writing text with the model "${request.model}"`);
    refuseBeyond(request);
    const prompt = loaded.encoder.encode(request.prompt);
    const either = AbortSignal.any([signal, this.#ending.signal]);
    const release = await this.#gate.enter(either);
    const sequence = takeSequence(loaded.free, request.mayReusePrefix ? prompt : []);
    try {
      const speed = yield* generateAnswer(loaded, sequence, prompt, request, either);
      this.#noteSpeed(speed);
    } finally {
      loaded.free.push(sequence);
      release();
    }
  }

  async embed(
    model: string,
    inputs: readonly (string | readonly number[])[],
    signal: AbortSignal,
  ): Promise<{ vectors: number[][]; promptTokens: number }> {
    const loaded = this.#ready();
    if (!loaded.offered.capabilities.includes("embedding")) {
      throw unsupported("model", `Embedding with the model "${model}"`);
    }
    const either = AbortSignal.any([signal, this.#ending.signal]);
    const release = await this.#gate.enter(either);
    try {
      return await embedInputs(loaded, loaded.encoder, inputs, either);
    } finally {
      release();
    }
  }

  tokenize(_model: string, text: string): number[] {
    return this.#ready().encoder.tokenize(text);
  }

  detokenize(_model: string, tokens: readonly number[]): string {
    return this.#ready().encoder.detokenize(tokens);
  }

  async dispose(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = null;
    // Nobody's next step begins after this, and a step that runs cannot be interrupted by it.
    this.#ending.abort(new AppError("shutting_down"));
    await loaded?.model.dispose();
  }

  #ready(): Loaded {
    if (this.#loaded === null) throw new AppError("shutting_down");
    return this.#loaded;
  }

  /** Errors: one sentence, for a model that can do nothing of what is asked for. */
  #describe({ address, codec, contextLength, isDecoder, outputs, defaults }: LoadedModel): OfferedModel {
    const { labels, hasEmbeddings, model } = this.#options;
    const embeds = canEmbed(outputs);
    if (hasEmbeddings && !embeds) {
      throw new Error(`The model ${model} cannot embed: its graph gives no hidden states.`);
    }
    const capabilities: Capability[] = [
      ...(isDecoder && codec.template !== null ? (["chat"] as const) : []),
      ...(isDecoder ? (["completion"] as const) : []),
      ...(embeds && (hasEmbeddings || !isDecoder) ? (["embedding"] as const) : []),
      ...(isDecoder ? (["logprobs"] as const) : []),
    ];
    if (capabilities.length === 0) {
      throw new Error(
        `The model ${model} neither writes text nor embeds: its graph gives ${[...outputs].join(", ")}.`,
      );
    }
    const { temperature, topP, topK } = defaults;
    const name = labels.name ?? modelNameOf(address);
    return offerModel(name, labels, contextLength, capabilities, { temperature, topP, topK });
  }

  #noteSpeed(speed: number | null): void {
    if (speed === null) return;
    const before = this.#tokensPerSecond;
    this.#tokensPerSecond = before === null ? speed : before * 0.8 + speed * 0.2;
  }
}

type Loaded = LoadedModel & {
  encoder: PromptEncoder;
  offered: OfferedModel;
  /** One for each slot that nobody has; each keeps what it evaluated last. */
  free: DecoderSequence[];
};

/** There is no grammar here to hold an answer to a form. */
function refuseBeyond(request: GenerateRequest): void {
  if (request.tools !== undefined) throw unsupported("tools");
  if (request.grammar !== undefined || request.schema !== undefined) throw unsupported("response_format");
}

/** The free one that has evaluated most of the prompt; without any, the one that was not used for longest. */
function takeSequence(free: DecoderSequence[], prompt: readonly number[]): DecoderSequence {
  const lengths = free.map((sequence) => sequence.commonLength(prompt));
  const [sequence] = free.splice(lengths.indexOf(Math.max(...lengths)), 1);
  if (sequence === undefined) throw new Error("There is no free slot.");
  return sequence;
}

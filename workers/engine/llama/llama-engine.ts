import { getModuleVersion, type Llama } from "node-llama-cpp";
import { AppError } from "@/lib/errors";
import type { OfferedModel } from "@/lib/protocol";
import type { ModelLabels } from "../offer-model";
import type {
  Engine,
  EngineInfo,
  EngineObserver,
  EngineStatus,
  GenerateChunk,
  GenerateRequest,
  Turn,
} from "../types";
import { type LoadedModel, type LoadOptions, loadModels } from "./load-model";
import { ServedModel, type Variant } from "./served-model";
import type { SchedulerStats } from "./step-scheduler";

export type LlamaEngineOptions = LoadOptions & {
  /** Of the first model; a further one takes organization, licence and tags from them. */
  labels: ModelLabels;
  /** True: vectors of the first model are offered, too, for which a context of its own is kept. */
  hasEmbeddings: boolean;
};

/** GGUF models through node-llama-cpp, each batched by a step scheduler. */
export class LlamaEngine implements Engine {
  readonly #options: LlamaEngineOptions;
  #loaded: Loaded | null = null;
  #version = "";
  #tokensPerSecond: number | null = null;
  #observer: EngineObserver | null = null;

  constructor(options: LlamaEngineOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const { labels, hasEmbeddings } = this.#options;
    const loaded = await loadModels({ ...this.#options, name: labels.name, hasEmbeddings });
    const [first] = loaded;
    if (first === undefined) throw new Error("There is no model to load.");
    try {
      this.#loaded = {
        llama: first.llama,
        device: first.device,
        models: await this.#serve(loaded),
      };
    } catch (error) {
      await first.llama.dispose();
      throw error;
    }
    this.#version = `node-llama-cpp ${await getModuleVersion()}`;
  }

  info(): EngineInfo {
    const { device } = this.#ready();
    const slots = this.#options.slots * this.#variants().length;
    return { name: "llama", version: this.#version, device, slots };
  }

  models(): readonly OfferedModel[] {
    return this.#variants().map(({ offered }) => offered);
  }

  status(): EngineStatus {
    const schedulers = this.#variants().map(({ scheduler }) => scheduler);
    return {
      busySlots: schedulers.reduce((sum, { busySlots }) => sum + busySlots, 0),
      queued: schedulers.reduce((sum, { queued }) => sum + queued, 0),
      tokensPerSecond: this.#tokensPerSecond,
    };
  }

  fillsIn(name: string): boolean {
    return this.#named(name).model.fillsIn;
  }

  observe(observer: EngineObserver): void {
    this.#observer = observer;
  }

  /** Counters of a model's step scheduler since the load; without a name, of the first model without an adapter. */
  stats(name?: string): Readonly<SchedulerStats> {
    return this.#named(name).variant.scheduler.stats;
  }

  /** The prompt's ids, as `generate` evaluates them. */
  tokenizeChat(turns: readonly Turn[], name?: string): number[] {
    return this.#named(name).model.encoder.encodeChat(turns);
  }

  tokenize(name: string, text: string): number[] {
    return this.#named(name).model.encoder.tokenize(text);
  }

  detokenize(name: string, tokens: readonly number[]): string {
    return this.#named(name).model.encoder.detokenize(tokens);
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    signal.throwIfAborted();
    const { model, variant } = this.#named(request.model);
    yield* model.generate(variant.scheduler, request, signal, (speed) => this.#noteSpeed(speed));
  }

  async embed(
    name: string,
    inputs: readonly (string | readonly number[])[],
    signal: AbortSignal,
  ): Promise<{ vectors: number[][]; promptTokens: number }> {
    return this.#named(name).model.embed(name, inputs, signal);
  }

  async dispose(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = null;
    if (loaded === null) return;
    await Promise.all(loaded.models.map((model) => model.idle()));
    await loaded.llama.dispose();
  }

  /** Errors: one sentence, also when two models would have the same name. */
  async #serve(loaded: readonly LoadedModel[]): Promise<ServedModel[]> {
    const { labels, hasEmbeddings, slots, furtherModels = [] } = this.#options;
    const models: ServedModel[] = [];
    for (const [index, one] of loaded.entries()) {
      const own =
        index === 0 ? labels : { ...labels, name: furtherModels[index - 1]?.name ?? null, displayName: null };
      models.push(
        await ServedModel.create(one, {
          slots,
          labels: own,
          hasEmbeddings: hasEmbeddings && index === 0,
          observer: () => this.#observer,
        }),
      );
    }
    const names = models.flatMap(({ variants }) => variants.map(({ offered }) => offered.name));
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new Error(`Two models would be offered as "${twice}".`);
    return models;
  }

  #ready(): Loaded {
    if (this.#loaded === null) throw new AppError("shutting_down");
    return this.#loaded;
  }

  #variants(): Variant[] {
    return this.#ready().models.flatMap(({ variants }) => [...variants]);
  }

  #named(name: string | undefined): { model: ServedModel; variant: Variant } {
    for (const model of this.#ready().models) {
      const variant = model.variants.find(({ offered }) => name === undefined || offered.name === name);
      if (variant !== undefined) return { model, variant };
    }
    throw new AppError("model_not_found");
  }

  #noteSpeed(speed: number | null): void {
    if (speed === null) return;
    const before = this.#tokensPerSecond;
    this.#tokensPerSecond = before === null ? speed : before * 0.8 + speed * 0.2;
  }
}

type Loaded = { llama: Llama; device: string; models: readonly ServedModel[] };

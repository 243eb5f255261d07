import { randomInt } from "node:crypto";
import { getModuleVersion, type LlamaModel, LlamaVocabularyType, type Token } from "node-llama-cpp";
import { AppError } from "@/lib/errors";
import type { OfferedModel } from "@/lib/protocol";
import { Outbox } from "../outbox";
import { StopMatcher } from "../stop-matcher";
import type { Engine, EngineInfo, EngineStatus, GenerateChunk, GenerateRequest, Turn } from "../types";
import { Answer } from "./answer";
import { ChatTemplate } from "./chat-template";
import { IncrementalDetokenizer } from "./detokenizer";
import { LlamaStepSequence } from "./llama-sequence";
import { batchTokens, type LoadedModel, type LoadOptions, loadModel } from "./load-model";
import { describeModel, type ModelLabels } from "./model-file";
import type { LlamaSampling } from "./sampling";
import { StepScheduler } from "./step-scheduler";

/** Prompt tokens in a step while answers are running: larger starves the streams, smaller wastes decodes. */
const promptTokensBesideAnswers = 128;
/** A reader that is this many pieces behind has its slot paused until it has caught up. */
const maxUnreadChunks = 256;

export type LlamaEngineOptions = Omit<LoadOptions, "logger"> & {
  labels: ModelLabels;
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
    const sequences = Array.from(
      { length: this.#options.slots },
      // A new context hands out its ids in ascending order from 0.
      (_, id) => new LlamaStepSequence(base.context.getSequence(), id),
    );
    this.#version = `node-llama-cpp ${await getModuleVersion()}`;
    this.#loaded = {
      ...base,
      template: readTemplate(base),
      longestToken: longestToken(base.model),
      offered: describeModel(
        base.path,
        generalMetadata(base.model),
        base.contextLength,
        this.#options.labels,
      ),
      scheduler: new StepScheduler(sequences, { batchTokens, promptTokensBesideAnswers }),
    };
  }

  info(): EngineInfo {
    const { device } = this.#ready();
    return { name: "llama", version: this.#version, device, slots: this.#options.slots };
  }

  models(): readonly OfferedModel[] {
    return [this.#ready().offered];
  }

  status(): EngineStatus {
    const { scheduler } = this.#ready();
    return {
      busySlots: scheduler.busySlots,
      queued: scheduler.queued,
      tokensPerSecond: this.#tokensPerSecond,
    };
  }

  /** Counters of the step scheduler since the load. */
  stats(): Readonly<StepScheduler<LlamaSampling>["stats"]> {
    return this.#ready().scheduler.stats;
  }

  /** The prompt's ids, as `generate` evaluates them. */
  tokenizeChat(turns: readonly Turn[]): number[] {
    const { model, template } = this.#ready();
    return tokenizePieces(model, template.render(turns));
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    signal.throwIfAborted();
    const { model, contextLength, scheduler } = this.#ready();
    const prompt = this.#fit(request.turns);
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
    });
    scheduler.submit({
      prompt,
      sampling: {
        ...request.sampling,
        seed: request.sampling.seed ?? randomInt(2 ** 32),
        ignoresEndOfTurn: request.ignoresEndOfTurn,
        generated: answer.tokens,
        maxTokens,
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
      yield* outbox;
      this.#noteSpeed(answer.tokensPerSecond());
    } finally {
      reader.abort();
    }
  }

  async dispose(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = null;
    if (loaded === null) return;
    await loaded.scheduler.idle();
    await loaded.llama.dispose();
  }

  #ready(): Loaded {
    if (this.#loaded === null) throw new AppError("shutting_down");
    return this.#loaded;
  }

  /** Errors: `context_length_exceeded` with both numbers. One token of room is the least an answer needs. */
  #fit(turns: readonly Turn[]): number[] {
    const { model, template, contextLength, longestToken } = this.#ready();
    const pieces = template.render(turns);
    // Tokenizing holds the event loop up. A text that cannot fit however it is cut is refused before that.
    const least = Math.ceil(pieces.reduce((sum, { text }) => sum + text.length, 0) / longestToken);
    if (least >= contextLength) throw tooLong(contextLength, least, `at least ${least}`);
    const prompt = tokenizePieces(model, pieces);
    if (prompt.length >= contextLength) throw tooLong(contextLength, prompt.length, String(prompt.length));
    if (prompt.length > 0) return prompt;
    throw new AppError("invalid_request", {
      message: "The messages give an empty prompt.",
      param: "messages",
    });
  }

  #noteSpeed(speed: number | null): void {
    if (speed === null) return;
    const before = this.#tokensPerSecond;
    this.#tokensPerSecond = before === null ? speed : before * 0.8 + speed * 0.2;
  }
}

type Loaded = LoadedModel & {
  template: ChatTemplate;
  /** Characters of the longest token: no text has fewer tokens than its length divided by this. */
  longestToken: number;
  offered: OfferedModel;
  scheduler: StepScheduler<LlamaSampling>;
};

function tooLong(contextLength: number, promptTokens: number, promptText: string): AppError {
  return new AppError("context_length_exceeded", {
    message: `The context takes ${contextLength} tokens with the answer, and the messages alone have ${promptText}.`,
    param: "messages",
    details: { contextLength, promptTokens },
  });
}

function longestToken(model: LlamaModel): number {
  const tokens = model.fileInfo.metadata.tokenizer?.ggml?.tokens ?? [];
  const longest = tokens.reduce((length, token) => Math.max(length, token.length), 0);
  return longest === 0 ? Number.POSITIVE_INFINITY : longest;
}

function readTemplate({ model, path }: LoadedModel): ChatTemplate {
  const source = model.fileInfo.metadata.tokenizer?.chat_template;
  if (source === undefined || source === "") throw new Error(`The model ${path} has no chat template.`);
  try {
    return new ChatTemplate({
      source,
      bosToken: model.tokens.bosString ?? "",
      eosToken: model.tokens.eosString ?? "",
      controlTexts: controlTexts(model),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The chat template of ${path} cannot be parsed: ${reason}`, { cause });
  }
}

/** Texts of the tokens that llama.cpp recognises only when it is told to parse special tokens. */
function controlTexts(model: LlamaModel): string[] {
  const texts: string[] = [];
  for (const token of model.iterateAllTokens()) {
    const attributes = model.getTokenAttributes(token);
    if (attributes.control || attributes.unknown) texts.push(model.detokenize([token], true));
  }
  return texts;
}

function tokenizePieces(model: LlamaModel, pieces: ReturnType<ChatTemplate["render"]>): number[] {
  const isSpaceMarking = model.vocabularyType === LlamaVocabularyType.spm;
  const tokens: number[] = [];
  for (const [index, piece] of pieces.entries()) {
    // A SentencePiece tokenizer puts a space before each text it is given; only the first piece may have it.
    const trim = isSpaceMarking && index > 0 ? "trimLeadingSpace" : undefined;
    // Not `push(...)`: a long prompt has more ids than a call takes arguments.
    for (const token of model.tokenize(piece.text, !piece.isPlain, trim)) tokens.push(token);
  }
  const { bos, shouldPrependBosToken } = model.tokens;
  if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
  return tokens;
}

function generalMetadata(model: LlamaModel): Readonly<Record<string, unknown>> {
  return model.fileInfo.metadata.general as Readonly<Record<string, unknown>>;
}

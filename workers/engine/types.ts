import type { EngineName, FinishReason, OfferedModel, Usage } from "@/lib/protocol";

/** An image that came with the request as a data URL; workers fetch nothing. */
export type InlineImage = { mediaType: string; bytes: Buffer };

/** One message as every engine sees it: plain text, roles that chat templates know. */
export type Turn = {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  /** Only for models that offer "vision". */
  images?: readonly InlineImage[] | undefined;
  name?: string | undefined;
  /** Calls that the assistant made with this message. */
  toolCalls?: readonly ToolCall[] | undefined;
  /** The call whose result a `tool` message is. */
  toolCallId?: string | undefined;
};

export type ToolCall = {
  id: string;
  name: string;
  /** JSON, as the model wrote it. */
  arguments: string;
};

export type ToolDefinition = {
  name: string;
  description: string | undefined;
  /** JSON Schema; undefined: no parameters. */
  parameters: unknown;
  /** True: arguments keep to the schema in any case. */
  isStrict: boolean;
  /** Where it stands in the request, e.g. `tools[0]`. */
  at: string;
};

/** Tools that the answer may, or must, call. */
export type ToolUse = {
  tools: readonly ToolDefinition[];
  choice: "auto" | "required" | { name: string };
  /** False: one call at most. */
  isParallel: boolean;
};

/** What the answer continues: a conversation through the model's chat template, or text or ids as they are. */
export type Prompt =
  /** A last message of the assistant is continued, not answered. */
  | { kind: "chat"; turns: readonly Turn[] }
  /** Control tokens in the text are recognised: whoever writes a raw prompt writes the template, too. */
  | {
      kind: "text";
      text: string;
      /** What follows the answer; then control tokens are text. Only of models for which `fillsIn` is true. */
      suffix?: string | undefined;
    }
  | { kind: "tokens"; tokens: readonly number[] };

/** What a request may say about sampling; an absent field is the engine's default. */
export type SamplingParameters = {
  /** 0 is greedy. */
  temperature?: number | undefined;
  topP?: number | undefined;
  /** 0 switches it off. */
  topK?: number | undefined;
  minP?: number | undefined;
  /** The same seed gives the same text, alone and in a batch (F16 adapters: alone). */
  seed?: number | undefined;
  frequencyPenalty?: number | undefined;
  presencePenalty?: number | undefined;
  /** 1 switches it off. */
  repeatPenalty?: number | undefined;
  /** Added to the logits of these token ids before anything else, -100 to 100. */
  logitBias?: Readonly<Record<string, number>> | undefined;
};

/** A request that has been checked: everything in it is honoured. */
export type GenerateRequest = {
  model: string;
  prompt: Prompt;
  /** Tokens at most; null: what the context still holds. */
  maxTokens: number | null;
  /** Texts that end the answer; never part of it. */
  stop: readonly string[];
  sampling: SamplingParameters;
  /** True: an end-of-turn token does not end the answer. For benchmarks. */
  ignoresEndOfTurn: boolean;
  /** False: every prompt token is evaluated anew. */
  mayReusePrefix: boolean;
  /** The answer is JSON that keeps to this schema; absent: text. */
  schema?: unknown;
  tools?: ToolUse | undefined;
  /** GBNF of the whole answer, made from `schema` and `tools`; absent: anything goes. */
  grammar?: string | undefined;
  /** Log-probabilities with so many alternatives a token; absent: none, which is faster. */
  topLogprobs?: number | undefined;
};

/** A token and the natural logarithm of its probability. */
export type TokenLogprob = {
  token: string;
  logprob: number;
  /** UTF-8 of the token, which may be a part of a character; null: not known. */
  bytes: number[] | null;
};

/** One sampled token; `top`: the most likely ones at its place, best first. */
export type SampledLogprob = TokenLogprob & { top: readonly TokenLogprob[] };

/**
 * What comes out of {@link Engine.generate}: any number of texts and tool calls, then one `finish`. `sever` ends the connection
 * without a word, as a worker that crashes would; only the mock engine emits it.
 */
export type GenerateChunk =
  /** `logprobs`: of the tokens that this text completes, where they were asked for. */
  | { kind: "text"; text: string; logprobs?: readonly SampledLogprob[] }
  /** A call begins; its arguments follow as pieces of JSON. `index` counts the calls of the answer. */
  | { kind: "toolCall"; index: number; id: string; name: string }
  | { kind: "toolArguments"; index: number; text: string }
  | { kind: "finish"; finishReason: FinishReason; usage: Usage }
  | { kind: "sever" };

export type EngineStatus = {
  /** Requests being answered now. */
  busySlots: number;
  /** Requests that wait for a slot. */
  queued: number;
  /** Mean generation speed of the last answers; null before the first one. */
  tokensPerSecond: number | null;
};

export type EngineInfo = {
  name: EngineName;
  version: string;
  /** Processor or GPU in words. */
  device: string;
  /** Requests that are answered at the same time; further ones wait in order. */
  slots: number;
};

/** Told by an engine of its work, as it does it. `model`: the engine's own name of it. */
export type EngineObserver = {
  /** A request got its slot. */
  started(model: string, waitSeconds: number): void;
  /** `tokens` of a prompt were evaluated, from the slot to the first token. */
  prompted(model: string, tokens: number, seconds: number): void;
  /** A step was decoded: slots that took part, of those that had work. */
  stepped(model: string, busySlots: number, activeSlots: number): void;
};

export type Engine = {
  /** Loads everything that the first request needs. Errors: an `Error` whose message is one clear sentence. */
  load(): Promise<void>;
  /** True: the model was trained to fill in. Absent: none was. */
  fillsIn?(model: string): boolean;
  /** Valid after `load`. */
  info(): EngineInfo;
  models(): readonly OfferedModel[];
  status(): EngineStatus;
  /** From now on tells `observer`; absent where the engine has no slots of its own to tell of. */
  observe?(observer: EngineObserver): void;
  /**
   * Answers one request. Aborting `signal`, or leaving the loop, frees the slot before the next step.
   * Errors before the first chunk: `context_length_exceeded`, `invalid_request`; the signal's reason when it aborts.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateChunk>;
  /**
   * One vector of length 1 for each input; asked only of models that offer "embedding".
   * Errors: `context_length_exceeded`, `invalid_request`; the signal's reason when it aborts.
   */
  embed(
    model: string,
    inputs: readonly (string | readonly number[])[],
    signal: AbortSignal,
  ): Promise<{ vectors: number[][]; promptTokens: number }>;
  /** A raw text's ids, as a `text` prompt has them. */
  tokenize(model: string, text: string): number[];
  /** Errors: `invalid_request` for ids outside the vocabulary. */
  detokenize(model: string, tokens: readonly number[]): string;
  dispose(): Promise<void>;
};

import type { EngineName, FinishReason, OfferedModel, Usage } from "@/lib/protocol";

/** One message as every engine sees it: plain text, roles that chat templates know. */
export type Turn = {
  role: "system" | "user" | "assistant";
  content: string;
  name?: string | undefined;
};

/** What a request may say about sampling; an absent field is the engine's default. */
export type SamplingParameters = {
  /** 0 is greedy. */
  temperature?: number | undefined;
  topP?: number | undefined;
  /** 0 switches it off. */
  topK?: number | undefined;
  minP?: number | undefined;
  /** The same seed gives the same text, alone and in a batch. */
  seed?: number | undefined;
  frequencyPenalty?: number | undefined;
  presencePenalty?: number | undefined;
  /** 1 switches it off. */
  repeatPenalty?: number | undefined;
};

/** A request that has been checked: everything in it is honoured. */
export type GenerateRequest = {
  model: string;
  /** A last message of the assistant is continued, not answered. */
  turns: readonly Turn[];
  /** Tokens at most; null: what the context still holds. */
  maxTokens: number | null;
  /** Texts that end the answer; never part of it. */
  stop: readonly string[];
  sampling: SamplingParameters;
  /** True: an end-of-turn token does not end the answer. For benchmarks. */
  ignoresEndOfTurn: boolean;
  /** False: every prompt token is evaluated anew. */
  mayReusePrefix: boolean;
};

/**
 * What comes out of {@link Engine.generate}: any number of texts, then one `finish`. `sever` ends the connection
 * without a word, as a worker that crashes would; only the mock engine emits it.
 */
export type GenerateChunk =
  | { kind: "text"; text: string }
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

export type Engine = {
  /** Loads everything that the first request needs. Errors: an `Error` whose message is one clear sentence. */
  load(): Promise<void>;
  /** Valid after `load`. */
  info(): EngineInfo;
  models(): readonly OfferedModel[];
  status(): EngineStatus;
  /**
   * Answers one request. Aborting `signal`, or leaving the loop, frees the slot before the next step.
   * Errors before the first chunk: `context_length_exceeded`, `invalid_request`; the signal's reason when it aborts.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateChunk>;
  dispose(): Promise<void>;
};

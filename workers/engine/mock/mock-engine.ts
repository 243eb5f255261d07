import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@/lib/errors";
import type { OfferedModel, Usage } from "@/lib/protocol";
import { LogprobQueue } from "../logprob-queue";
import { SlotGate } from "../slot-gate";
import { StopMatcher } from "../stop-matcher";
import { withToolCalls } from "../tool-call-parser";
import type { Engine, EngineInfo, EngineStatus, GenerateChunk, GenerateRequest, Prompt } from "../types";
import { formedPieces, shownPieces } from "./mock-script";
import { MockTokens, mockLogprob, mockVector } from "./mock-tokens";
import {
  requestedScenario,
  type Scenario,
  type ScenarioFault,
  type ScenarioName,
  scenarios,
} from "./scenarios";

export type MockEngineOptions = {
  model: OfferedModel;
  scenario: ScenarioName;
  /** Replaces the scenario's own waits; null: as scripted. */
  delayMs: number | null;
  slots: number;
};

/** Scripted answers. Tokens are the script's pieces, and a prompt has as many as it has words. */
export class MockEngine implements Engine {
  readonly #options: MockEngineOptions;
  readonly #gate: SlotGate;
  readonly #tokens = new MockTokens();

  constructor(options: MockEngineOptions) {
    this.#options = options;
    this.#gate = new SlotGate(options.slots);
  }

  async load(): Promise<void> {}

  info(): EngineInfo {
    return { name: "mock", version: "1", device: "none", slots: this.#options.slots };
  }

  models(): readonly OfferedModel[] {
    return [this.#options.model];
  }

  status(): EngineStatus {
    return { busySlots: this.#gate.busy, queued: this.#gate.queued, tokensPerSecond: null };
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    const release = await this.#gate.enter(signal);
    try {
      const chunks = this.#play(request, signal);
      yield* request.tools === undefined ? chunks : withToolCalls(chunks);
    } finally {
      release();
    }
  }

  tokenize(_model: string, text: string): number[] {
    return this.#tokens.tokenize(text);
  }

  detokenize(_model: string, tokens: readonly number[]): string {
    return this.#tokens.detokenize(tokens);
  }

  async embed(
    _model: string,
    inputs: readonly (string | readonly number[])[],
    signal: AbortSignal,
  ): Promise<{ vectors: number[][]; promptTokens: number }> {
    signal.throwIfAborted();
    const encoded = inputs.map((input) =>
      this.#tokens.tokenize(typeof input === "string" ? input : this.#tokens.detokenize(input)),
    );
    return {
      vectors: encoded.map(mockVector),
      promptTokens: encoded.reduce((sum, tokens) => sum + tokens.length, 0),
    };
  }

  async dispose(): Promise<void> {}

  async *#play(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    const prompt = this.#promptText(request.prompt);
    const scenario: Scenario = scenarios[requestedScenario(prompt) ?? this.#options.scenario];
    const { fault } = scenario;
    if (fault?.kind === "refuse") throw new AppError(fault.code);
    const stopMatcher = new StopMatcher(request.stop);
    const maxTokens = request.maxTokens ?? Number.POSITIVE_INFINITY;
    const logprobs = request.topLogprobs === undefined ? null : new LogprobQueue();
    const textChunk = (text: string): GenerateChunk =>
      logprobs === null
        ? { kind: "text", text }
        : { kind: "text", text, logprobs: logprobs.take(text.length) };
    const spoken = formedPieces(request) ?? [...shownPieces(request), ...scenario.pieces];
    const pieces = spoken.filter((piece) => !this.#isBanned(piece, request));
    let sent = 0;
    let isStopped = false;
    for (const piece of pieces) {
      if (sent >= maxTokens || isStopped) break;
      if (fault !== undefined && sent >= fault.afterPieces) break;
      await this.#pause(sent === 0 ? scenario.firstDelayMs : scenario.delayMs, signal);
      logprobs?.push(mockLogprob(piece, request.topLogprobs ?? 0), piece.length);
      const out = stopMatcher.push(piece);
      isStopped = out.isStopped;
      sent++;
      if (out.text !== "") yield textChunk(out.text);
    }
    if (fault !== undefined && sent >= fault.afterPieces) {
      yield* this.#fail(fault, signal);
      return;
    }
    const held = stopMatcher.flush();
    if (held !== "") yield textChunk(held);
    const isCut = sent < pieces.length && !isStopped;
    yield {
      kind: "finish",
      finishReason: isStopped ? "stop" : isCut ? "length" : scenario.finishReason,
      usage: usageOf(request, sent),
    };
  }

  /** What chooses the scenario: the last message of the user, or a raw prompt. */
  #promptText(prompt: Prompt): string {
    if (prompt.kind === "text") return prompt.text;
    if (prompt.kind === "tokens") return this.#tokens.detokenize(prompt.tokens);
    return prompt.turns.findLast((turn) => turn.role === "user")?.content ?? "";
  }

  /** A script has no probabilities; only the bias that bans a token has an effect. */
  #isBanned(piece: string, { sampling }: GenerateRequest): boolean {
    return sampling.logitBias?.[String(this.#tokens.idOf(piece))] === -100;
  }

  async *#fail(
    fault: Exclude<ScenarioFault, { kind: "refuse" }>,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    if (fault.kind === "break") throw new AppError(fault.code);
    if (fault.kind === "sever") {
      yield { kind: "sever" };
      return;
    }
    await aborted(signal);
  }

  async #pause(scriptedMs: number, signal: AbortSignal): Promise<void> {
    const ms = this.#options.delayMs ?? scriptedMs;
    if (ms > 0) await sleep(ms, undefined, { signal });
    else signal.throwIfAborted();
  }
}

/** Rejects with the signal's reason, whenever that comes. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function usageOf(request: GenerateRequest, completionTokens: number): Usage {
  const promptTokens = promptLength(request.prompt);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

function promptLength(prompt: Prompt): number {
  if (prompt.kind === "tokens") return prompt.tokens.length;
  const texts = prompt.kind === "text" ? [prompt.text] : prompt.turns.map((turn) => turn.content);
  return texts
    .map((text) => text.split(/\s+/).filter((word) => word !== "").length)
    .reduce((sum, count) => sum + count, 0);
}

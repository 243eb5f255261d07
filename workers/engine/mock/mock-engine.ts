import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@/lib/errors";
import type { OfferedModel, Usage } from "@/lib/protocol";
import { StopMatcher } from "../stop-matcher";
import type { Engine, EngineInfo, EngineStatus, GenerateChunk, GenerateRequest } from "../types";
import {
  requestedScenario,
  type Scenario,
  type ScenarioFault,
  type ScenarioName,
  scenarios,
} from "./scenarios";
import { SlotGate } from "./slot-gate";

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
      yield* this.#play(request, signal);
    } finally {
      release();
    }
  }

  async dispose(): Promise<void> {}

  async *#play(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    const prompt = request.turns.findLast((turn) => turn.role === "user")?.content ?? "";
    const scenario: Scenario = scenarios[requestedScenario(prompt) ?? this.#options.scenario];
    const { fault } = scenario;
    if (fault?.kind === "refuse") throw new AppError(fault.code);
    const stopMatcher = new StopMatcher(request.stop);
    const maxTokens = request.maxTokens ?? Number.POSITIVE_INFINITY;
    let sent = 0;
    let isStopped = false;
    for (const piece of scenario.pieces) {
      if (sent >= maxTokens || isStopped) break;
      if (fault !== undefined && sent >= fault.afterPieces) break;
      await this.#pause(sent === 0 ? scenario.firstDelayMs : scenario.delayMs, signal);
      const out = stopMatcher.push(piece);
      isStopped = out.isStopped;
      sent++;
      if (out.text !== "") yield { kind: "text", text: out.text };
    }
    if (fault !== undefined && sent >= fault.afterPieces) {
      yield* this.#fail(fault, signal);
      return;
    }
    const held = stopMatcher.flush();
    if (held !== "") yield { kind: "text", text: held };
    const isCut = sent < scenario.pieces.length && !isStopped;
    yield {
      kind: "finish",
      finishReason: isStopped ? "stop" : isCut ? "length" : scenario.finishReason,
      usage: usageOf(request, sent),
    };
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
  const promptTokens = request.turns
    .map((turn) => turn.content.split(/\s+/).filter((word) => word !== "").length)
    .reduce((sum, count) => sum + count, 0);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

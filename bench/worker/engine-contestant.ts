import { pino } from "pino";
import { LlamaEngine } from "@/workers/engine/llama";
import type { GenerateRequest } from "@/workers/engine/types";
import { type Contestant, type ContestantOptions, ownProcessorMs } from "./contestant";

/** Our engine, loaded as a worker loads it. */
export async function loadEngine(options: ContestantOptions): Promise<LlamaEngine> {
  const engine = new LlamaEngine({
    model: options.model,
    threads: options.threads,
    slots: options.slots,
    contextLength: options.contextLength,
    hasEmbeddings: false,
    gpu: options.gpu ? "auto" : "off",
    adapters: [],
    logger: pino({ level: "silent" }),
    labels: { name: "bench", displayName: null, organization: null, licence: null, tags: [] },
  });
  await engine.load();
  return engine;
}

/** Our engine in this process, without HTTP. */
export async function engineContestant(options: ContestantOptions): Promise<Contestant> {
  const engine = await loadEngine(options);
  const signal = new AbortController().signal;
  return {
    name: "engine",
    async answer(task) {
      const startedAt = performance.now();
      const pieces: number[] = [];
      const request: GenerateRequest = {
        model: "bench",
        prompt: { kind: "chat", turns: [{ role: "user", content: task.prompt }] },
        maxTokens: task.tokens,
        stop: [],
        sampling: { temperature: 0 },
        ignoresEndOfTurn: true,
        mayReusePrefix: false,
      };
      for await (const chunk of engine.generate(request, signal)) {
        if (chunk.kind === "text") pieces.push(performance.now());
        if (chunk.kind !== "finish") continue;
        const { completion_tokens: tokens, prompt_tokens: promptTokens } = chunk.usage;
        return { startedAt, pieces, tokens, promptTokens, endedAt: performance.now() };
      }
      throw new Error("The engine's answer has no end.");
    },
    processorMs: ownProcessorMs,
    stepStats: () => ({ ...engine.stats() }),
    dispose: () => engine.dispose(),
  };
}

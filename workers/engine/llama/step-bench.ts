import { parseArgs } from "node:util";
import { getLlama, LlamaLogLevel, type LlamaModel, type Token } from "node-llama-cpp";
import pino from "pino";
import type { GenerateRequest } from "../types";
import { LlamaEngine } from "./llama-engine";

/**
 * Tokens per second of the step scheduler against node-llama-cpp's plain interface (parallel `sequence.evaluate`), same
 * process, file, threads and prompts, round about. `node --import tsx workers/engine/llama/step-bench.ts --model FILE`.
 */

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "workers/models/demo-13m-q8_0.gguf" },
    slots: { type: "string", default: "1,4,8" },
    tokens: { type: "string", default: "200" },
    rounds: { type: "string", default: "5" },
    threads: { type: "string", default: "1" },
  },
});
const tokens = Number(values.tokens);
const threads = Number(values.threads);

type Runner = { run(parallel: number): Promise<number>; dispose(): Promise<void> };

const prompt = (index: number): string => `Tell me a short story about animal number ${index}.`;

async function plain(slots: number): Promise<Runner> {
  const llama = await getLlama({
    build: "never",
    gpu: "auto",
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
  });
  const model: LlamaModel = await llama.loadModel({ modelPath: values.model });
  const context = await model.createContext({
    sequences: slots,
    contextSize: { max: model.trainContextSize },
    threads: { ideal: threads, min: threads },
  });
  const sequences = Array.from({ length: slots }, () => context.getSequence());
  return {
    async run(parallel) {
      const counts = await Promise.all(
        sequences.slice(0, parallel).map(async (sequence, index) => {
          await sequence.clearHistory();
          const text = `<|im_start|>user\n${prompt(index)}<|im_end|>\n<|im_start|>assistant\n`;
          let count = 0;
          for await (const token of sequence.evaluate(model.tokenize(text, true), {
            temperature: 0,
            yieldEogToken: true,
          })) {
            model.detokenize([token as Token]);
            if (++count === tokens) break;
          }
          return count;
        }),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    dispose: () => llama.dispose(),
  };
}

async function stepped(slots: number): Promise<Runner> {
  const engine = new LlamaEngine({
    model: values.model,
    threads,
    slots,
    contextLength: null,
    hasEmbeddings: false,
    adapters: [],
    logger: pino({ level: "silent" }),
    labels: { name: null, displayName: null, organization: null, licence: null, tags: [] },
  });
  await engine.load();
  const signal = new AbortController().signal;
  return {
    async run(parallel) {
      const counts = await Promise.all(
        Array.from({ length: parallel }, async (_, index) => {
          const request: GenerateRequest = {
            model: "bench",
            prompt: { kind: "chat", turns: [{ role: "user", content: prompt(index) }] },
            maxTokens: tokens,
            stop: [],
            sampling: { temperature: 0 },
            ignoresEndOfTurn: true,
            mayReusePrefix: false,
          };
          for await (const chunk of engine.generate(request, signal)) {
            if (chunk.kind === "finish") return chunk.usage.completion_tokens;
          }
          return 0;
        }),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    dispose: () => engine.dispose(),
  };
}

for (const slots of values.slots.split(",").map(Number)) {
  const runners = { plain: await plain(slots), stepped: await stepped(slots) };
  const speeds: Record<keyof typeof runners, number[]> = { plain: [], stepped: [] };
  // On a machine that others use, too, processor time says more than time.
  const costs: Record<keyof typeof runners, number[]> = { plain: [], stepped: [] };
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const name of ["plain", "stepped"] as const) {
      const startedAt = performance.now();
      const before = process.cpuUsage();
      const count = await runners[name].run(slots);
      // The first round warms up.
      if (round === 0) continue;
      speeds[name].push((count * 1000) / (performance.now() - startedAt));
      const { user, system } = process.cpuUsage(before);
      costs[name].push((user + system) / count);
    }
  }
  const [plainSpeed, steppedSpeed] = [median(speeds.plain), median(speeds.stepped)];
  process.stdout.write(
    `${slots} sequences: plain ${plainSpeed.toFixed(0)}, stepped ${steppedSpeed.toFixed(0)} tokens/s, ratio ${(steppedSpeed / plainSpeed).toFixed(2)}; CPU µs a token: plain ${median(costs.plain).toFixed(0)}, stepped ${median(costs.stepped).toFixed(0)}\n`,
  );
  await runners.plain.dispose();
  await runners.stepped.dispose();
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import type { MeasureSpeed } from "./threads";

/** Runs `use` with a measure of the model's speed in answering `parallel` requests at once; contexts are kept for all thread counts that it asks for, and then released. */
export async function withSpeedometer<T>(
  model: LlamaModel,
  parallel: number,
  use: (measure: MeasureSpeed) => Promise<T>,
): Promise<T> {
  const contexts = new Map<number, { context: LlamaContext; sequences: LlamaContextSequence[] }>();
  const prompt = model.tokenize("The quick brown fox").slice(0, 1) as Token[];
  const sequencesFor = async (threads: number): Promise<LlamaContextSequence[]> => {
    const known = contexts.get(threads);
    if (known !== undefined) return known.sequences;
    // A small batch, because a context's buffers for logits grow with it.
    const context = await model.createContext({
      sequences: parallel,
      contextSize: 64,
      batchSize: 8,
      threads: { ideal: threads, min: threads },
    });
    const sequences = Array.from({ length: parallel }, () => context.getSequence());
    contexts.set(threads, { context, sequences });
    return sequences;
  };
  const measure: MeasureSpeed = async (threads, steps) => {
    const sequences = await sequencesFor(threads);
    await Promise.all(sequences.map((sequence) => sequence.clearHistory()));
    const running = sequences.map((sequence) =>
      sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true }),
    );
    // In step, as the scheduler does it. The prompt and the first tokens warm caches up and are not counted.
    await Promise.all(running.map((one) => one.next()));
    const startedAt = performance.now();
    for (let step = 0; step < steps; step++) await Promise.all(running.map((one) => one.next()));
    const seconds = (performance.now() - startedAt) / 1000;
    await Promise.all(running.map((one) => one.return()));
    return steps / seconds;
  };
  try {
    return await use(measure);
  } finally {
    for (const { context } of contexts.values()) await context.dispose();
  }
}

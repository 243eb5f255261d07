import type { LlamaContext, LlamaModel, Token } from "node-llama-cpp";
import type { MeasureSpeed } from "./threads";

/** Runs `use` with a measure of the model's speed; contexts are kept for all thread counts that it asks for, and then released. */
export async function withSpeedometer<T>(
  model: LlamaModel,
  use: (measure: MeasureSpeed) => Promise<T>,
): Promise<T> {
  const contexts = new Map<number, LlamaContext>();
  const prompt = model.tokenize("The quick brown fox").slice(0, 1) as Token[];
  const contextOf = async (threads: number): Promise<LlamaContext> => {
    const known = contexts.get(threads);
    if (known !== undefined) return known;
    // A small batch, because a context's buffers for logits grow with it.
    const made = await model.createContext({
      contextSize: 64,
      batchSize: 8,
      threads: { ideal: threads, min: threads },
    });
    contexts.set(threads, made);
    return made;
  };
  const measure: MeasureSpeed = async (threads, tokens) => {
    const sequence = (await contextOf(threads)).getSequence();
    try {
      let startedAt = 0;
      let count = -1;
      // The prompt and the first token warm caches up and are not counted.
      for await (const _token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
        count++;
        if (count === 0) startedAt = performance.now();
        if (count === tokens) break;
      }
      return count < 1 ? 0 : (count * 1000) / (performance.now() - startedAt);
    } finally {
      // Gives its id back, for the next round.
      sequence.dispose();
    }
  };
  try {
    return await use(measure);
  } finally {
    for (const context of contexts.values()) await context.dispose();
  }
}

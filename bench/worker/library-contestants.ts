import {
  getLlama,
  LlamaChatSession,
  type LlamaContext,
  type LlamaContextSequence,
  LlamaLogLevel,
  type LlamaModel,
} from "node-llama-cpp";
import {
  type Answer,
  type Contestant,
  type ContestantOptions,
  ownProcessorMs,
  type Task,
} from "./contestant";

/** node-llama-cpp as its users know it: parallel `LlamaChatSession`s over the sequences of one context. */
export async function chatSessionContestant(options: ContestantOptions): Promise<Contestant> {
  const library = await openLibrary(options);
  return contestant("LlamaChatSession", library, async (sequence, task) => {
    const answer = begin();
    const session = new LlamaChatSession({
      contextSequence: sequence,
      autoDisposeSequence: false,
      systemPrompt: "",
    });
    const before = sequence.tokenMeter.getState();
    try {
      await session.prompt(task.prompt, {
        maxTokens: task.tokens,
        temperature: 0,
        onTextChunk: () => answer.pieces.push(performance.now()),
      });
    } finally {
      session.dispose({ disposeSequence: false });
    }
    const used = sequence.tokenMeter.diff(before);
    return {
      ...answer,
      tokens: used.usedOutputTokens,
      promptTokens: used.usedInputTokens,
      endedAt: performance.now(),
    };
  });
}

/** The least that the library's public interface takes: parallel `sequence.evaluate`, each token detokenized by itself. */
export async function evaluateContestant(options: ContestantOptions): Promise<Contestant> {
  const library = await openLibrary(options);
  const { model } = library;
  return contestant("evaluate", library, async (sequence, task) => {
    const answer = begin();
    const prompt = model.tokenize(
      `<|im_start|>user\n${task.prompt}<|im_end|>\n<|im_start|>assistant\n`,
      true,
    );
    let tokens = 0;
    for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
      model.detokenize([token]);
      answer.pieces.push(performance.now());
      tokens++;
      if (tokens === task.tokens) break;
    }
    return { ...answer, tokens, promptTokens: prompt.length, endedAt: performance.now() };
  });
}

type Library = { model: LlamaModel; sequences: LlamaContextSequence[]; dispose(): Promise<void> };

async function openLibrary(options: ContestantOptions): Promise<Library> {
  const { threads, slots, contextLength } = options;
  const llama = await getLlama({
    build: "never",
    gpu: options.gpu ? "auto" : false,
    ...(threads === null ? {} : { maxThreads: threads }),
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath: options.model });
  const context: LlamaContext = await model.createContext({
    sequences: slots,
    contextSize: contextLength,
    batchSize: 512,
    ...(threads === null ? {} : { threads: { ideal: threads, min: threads } }),
  });
  const sequences = Array.from({ length: slots }, () => context.getSequence());
  return { model, sequences, dispose: () => llama.dispose() };
}

function contestant(
  name: string,
  { sequences, dispose }: Library,
  run: (sequence: LlamaContextSequence, task: Task) => Promise<Answer>,
): Contestant {
  const free = [...sequences];
  const waiting: ((sequence: LlamaContextSequence) => void)[] = [];
  return {
    name,
    async answer(task) {
      const startedAt = performance.now();
      const sequence =
        free.shift() ?? (await new Promise<LlamaContextSequence>((resolve) => waiting.push(resolve)));
      try {
        await sequence.clearHistory();
        return { ...(await run(sequence, task)), startedAt };
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(sequence);
        else next(sequence);
      }
    },
    processorMs: ownProcessorMs,
    dispose,
  };
}

const begin = (): Pick<Answer, "startedAt" | "pieces"> => ({ startedAt: performance.now(), pieces: [] });

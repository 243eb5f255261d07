import { availableParallelism, cpus } from "node:os";
import {
  getLlama,
  InsufficientMemoryError,
  type Llama,
  type LlamaContext,
  type LlamaContextOptions,
  LlamaLogLevel,
  type LlamaModel,
  type LlamaOptions,
  resolveModelFile,
  type Token,
} from "node-llama-cpp";
import type { Logger } from "pino";
import { ascendingIds } from "./llama-sequence";
import { checkModelFile } from "./model-file";
import { calibrateThreads, chooseThreads, type ThreadChoice } from "./threads";

export type LoadOptions = {
  /** Path of a GGUF file, or a `hf:…` or `https://…` address. */
  model: string;
  /** Null: chosen by size, or measured. */
  threads: number | null;
  slots: number;
  /** Null: what the model was trained for, or less where memory is short. */
  contextLength: number | null;
  /** Adapters that are offered beside the model, each in a context of its own. */
  adapters: readonly AdapterOptions[];
  logger: Logger;
};

export type AdapterOptions = {
  /** Public name of the model with this adapter. */
  name: string;
  /** A LoRA adapter as GGUF. */
  path: string;
  scale: number;
};

export type LoadedModel = {
  llama: Llama;
  model: LlamaModel;
  context: LlamaContext;
  /** In the order of the options. An adapter belongs to a whole context, so requests to two names never share one. */
  adapterContexts: readonly LlamaContext[];
  path: string;
  /** Tokens that prompt and answer may have together. */
  contextLength: number;
  device: string;
  /** Threads of a decode. */
  threads: number;
};

/** Prompt and generated tokens of one decode. */
export const batchTokens = 512;

/** Loads the library, the file and one context with `slots` sequences. Errors: an `Error` with one clear sentence. */
export async function loadModel(options: LoadOptions): Promise<LoadedModel> {
  const path = await resolvePath(options);
  const modelBytes = await checkModelFile(path);
  for (const adapter of options.adapters) await checkModelFile(adapter.path);
  const native = new NativeLog(options.logger);
  const llama = await openLibrary({
    build: "never",
    gpu: "auto",
    maxThreads: options.threads ?? availableParallelism(),
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => native.write(level, message),
  }).catch((cause: unknown) => {
    throw new Error(`The llama.cpp library cannot be loaded: ${firstLine(cause)}`, { cause });
  });
  try {
    const model = await llama.loadModel({ modelPath: path });
    const cores = Math.max(1, Math.min(llama.cpuMathCores, availableParallelism()));
    const isGpu = llama.gpu !== false;
    const choice =
      chooseThreads({ requested: options.threads, modelBytes, cores, isGpu }) ??
      (await calibrateThreads(cores, (threads) => measureSpeed(model, threads)));
    options.logger.info({ threads: choice.threads, cores, reason: choice.reason }, "threads chosen");
    // Contexts that decode at the same time share this number; one that gets none waits for the others.
    const contexts = 1 + options.adapters.length;
    llama.maxThreads = Math.max(choice.threads, Math.min(cores, choice.threads * contexts));
    const context = await createContext(model, options, choice);
    const adapterContexts = await createAdapterContexts(model, options, choice, context);
    const contextLength = Math.min(
      context.contextSize,
      options.contextLength ?? model.trainContextSize,
      model.trainContextSize,
    );
    const device = await describeDevice(llama);
    native.hasLoaded = true;
    return { llama, model, context, adapterContexts, path, contextLength, device, threads: choice.threads };
  } catch (cause) {
    await llama.dispose();
    throw new Error(`The model ${path} cannot be loaded: ${reasonOf(cause, native.loadError)}.`, { cause });
  }
}

const ownExecArgv = process.execArgv;

/**
 * The library tries its binary out in a child process that inherits our `execArgv`; without our loader for TypeScript,
 * which it does not need, the start takes half a second less.
 */
async function openLibrary(options: LlamaOptions): Promise<Llama> {
  process.execArgv = [];
  try {
    return await getLlama(options);
  } finally {
    process.execArgv = ownExecArgv;
  }
}

async function resolvePath({ model, logger }: LoadOptions): Promise<string> {
  if (!/^(?:hf|huggingface|https?):/i.test(model)) return model;
  logger.info({ model }, "resolving the model, downloading it where needed");
  return resolveModelFile(model, { cli: false }).catch((cause: unknown) => {
    throw new Error(`The model ${model} cannot be downloaded: ${firstLine(cause)}`, { cause });
  });
}

async function createContext(
  model: LlamaModel,
  options: LoadOptions,
  { threads }: ThreadChoice,
  lora?: LlamaContextOptions["lora"],
): Promise<LlamaContext> {
  return model.createContext({
    ...(lora === undefined ? {} : { lora }),
    sequences: options.slots,
    // A number is a demand; `max` lets the library take less where memory is short.
    contextSize: options.contextLength ?? { max: model.trainContextSize },
    batchSize: Math.max(batchTokens, options.slots),
    threads: { ideal: threads, min: threads },
    batching: { itemPrioritizationStrategy: ascendingIds },
  });
}

/** Errors: an `Error` that names the adapter. */
async function createAdapterContexts(
  model: LlamaModel,
  options: LoadOptions,
  choice: ThreadChoice,
  base: LlamaContext,
): Promise<LlamaContext[]> {
  const contexts: LlamaContext[] = [];
  for (const { path, scale } of options.adapters) {
    const sized = { ...options, contextLength: base.contextSize };
    const lora = { adapters: [{ filePath: path, scale }] };
    try {
      contexts.push(await createContext(model, sized, choice, lora));
    } catch (cause) {
      throw new Error(`the adapter ${path} does not fit it (${firstLine(cause)})`, { cause });
    }
  }
  return contexts;
}

/** Generated tokens per second of one sequence with so many threads. */
async function measureSpeed(model: LlamaModel, threads: number): Promise<number> {
  const tokens = 12;
  const context = await model.createContext({ contextSize: 256, threads: { ideal: threads, min: threads } });
  try {
    const sequence = context.getSequence();
    const prompt = model.tokenize("The quick brown fox").slice(0, 4) as Token[];
    let startedAt = 0;
    let count = 0;
    // The first token warms caches up and is not counted.
    for await (const _token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
      if (count === 0) startedAt = performance.now();
      if (count === tokens) break;
      count++;
    }
    return (count * 1000) / (performance.now() - startedAt);
  } finally {
    await context.dispose();
  }
}

async function describeDevice(llama: Llama): Promise<string> {
  if (llama.gpu !== false) {
    const names = await llama.getGpuDeviceNames();
    if (names.length > 0) return names.join(", ").slice(0, 256);
  }
  return (cpus()[0]?.model ?? "CPU").slice(0, 256);
}

/** llama.cpp's own messages. The first error of a load is its reason, which the library's exception does not tell. */
class NativeLog {
  readonly #logger: Logger;
  hasLoaded = false;
  loadError: string | null = null;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  write(level: LlamaLogLevel, message: string): void {
    const line = message.trim();
    if (line === "") return;
    const isError = level === LlamaLogLevel.fatal || level === LlamaLogLevel.error;
    if (isError && !this.hasLoaded) this.loadError ??= line.replace(/^\w+: (?:error loading model: )?/, "");
    if (isError && this.hasLoaded) this.#logger.error({ isNative: true }, line);
    else if (level === LlamaLogLevel.warn) this.#logger.warn({ isNative: true }, line);
    else this.#logger.debug({ isNative: true }, line);
  }
}

function reasonOf(cause: unknown, nativeError: string | null): string {
  if (cause instanceof InsufficientMemoryError) return `not enough memory (${firstLine(cause)})`;
  // A length in the header that leads out of the file.
  if (cause instanceof RangeError) return "the file is damaged";
  return nativeError ?? firstLine(cause);
}

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split("\n")[0] ?? message;
}

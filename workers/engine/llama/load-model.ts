import { availableParallelism } from "node:os";
import {
  InsufficientMemoryError,
  type Llama,
  type LlamaContext,
  type LlamaContextOptions,
  type LlamaModel,
  resolveModelFile,
} from "node-llama-cpp";
import type { Logger } from "pino";
import type { KvType } from "../kv-types";
import { bindAdapters } from "./bind-adapters";
import { ascendingIds, dispatchOnceQueued } from "./llama-sequence";
import type { MemoryRoom } from "./memory-fit";
import { readMemoryRoom } from "./memory-room";
import { checkModelFile, modelNameOfFile } from "./model-file";
import { describeDevice, firstLine, type GpuChoice, NativeLog, openLibrary } from "./open-library";
import { isQuantised, planMemory, toGgmlType } from "./plan-memory";
import { withSpeedometer } from "./speedometer";
import { calibrateThreads, chooseThreads, type ThreadChoice } from "./threads";

/** A file to load, under a name of its own; null: the file's. */
export type ModelChoice = { name: string | null; model: string };

export type LoadOptions = {
  /** Path of a GGUF file, or a `hf:…` or `https://…` address. */
  model: string;
  /** Loaded beside the first one, each with contexts of its own. */
  furtherModels?: readonly ModelChoice[];
  /** Null: chosen by size, or measured. */
  threads: number | null;
  slots: number;
  /** Null: what each model was trained for, or less where memory is short. */
  contextLength: number | null;
  /** Adapters that are offered beside the models, each in a context of its own. */
  adapters: readonly AdapterOptions[];
  /** `auto` where it is absent. */
  gpu?: GpuChoice;
  /** Layers on the GPU, where there is one; `auto` where it is absent: as many as fit. */
  gpuLayers?: "auto" | "max" | number;
  /** Type of cached keys and values; f16 where it is absent. */
  kvType?: KvType;
  /** Reads the memory that a load may take; for tests. */
  readRoom?: (llama: Llama) => Promise<MemoryRoom>;
  logger: Logger;
};

export type AdapterOptions = {
  /** Public name of the model with this adapter; `MODEL:NAME` for another model than the first. */
  name: string;
  /** A LoRA adapter as GGUF. */
  path: string;
  scale: number;
};

export type LoadedModel = {
  llama: Llama;
  model: LlamaModel;
  context: LlamaContext;
  /** Those of this model. */
  adapters: readonly AdapterOptions[];
  /** In their order. An adapter belongs to a whole context, so requests to two names never share one. */
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

/**
 * Loads the library and the files, each with a context of `slots` sequences, and one more for each adapter. Nothing is
 * loaded that does not fit into memory. Errors: an `Error` with one clear sentence.
 */
export async function loadModels(
  options: LoadOptions & { name: string | null; hasEmbeddings: boolean },
): Promise<LoadedModel[]> {
  const { logger, threads, gpu = "auto" } = options;
  const choices = [{ name: options.name, model: options.model }, ...(options.furtherModels ?? [])];
  const files: ModelFile[] = [];
  for (const { name, model } of choices) {
    const path = await resolvePath(model, logger);
    files.push({
      path,
      name: name ?? modelNameOfFile(path),
      bytes: await checkModelFile(path),
      adapters: [],
    });
  }
  for (const adapter of options.adapters) await checkModelFile(adapter.path);
  const bound = bindAdapters(
    files.map(({ name }) => name),
    options.adapters,
  );
  for (const [index, adapters] of bound.entries()) files[index]?.adapters.push(...adapters);
  const native = new NativeLog(logger);
  const llama = await openLibrary(gpu, threads ?? availableParallelism(), native);
  // What is being loaded when something fails.
  let path = files.map((file) => file.path).join(", ");
  try {
    const plan = await plannedLoads(llama, files, options);
    const device = await describeDevice(llama);
    const loaded: LoadedModel[] = [];
    for (const planned of plan) {
      path = planned.file.path;
      loaded.push({ ...(await loadModel(llama, planned, options)), device });
    }
    // Contexts that decode at the same time share this number; one that gets none waits for the others.
    const wanted = loaded.reduce((sum, one) => sum + one.threads * (1 + one.adapters.length), 0);
    const most = Math.max(...loaded.map((one) => one.threads));
    llama.maxThreads = Math.max(most, Math.min(coresOf(llama), wanted));
    native.hasLoaded = true;
    return loaded;
  } catch (cause) {
    await llama.dispose();
    const subject = path.includes(", ") ? "models" : "model";
    throw new Error(`The ${subject} ${path} cannot be loaded: ${reasonOf(cause, native.loadError)}.`, {
      cause,
    });
  }
}

type ModelFile = { path: string; name: string; bytes: number; adapters: AdapterOptions[] };

type PlannedLoad = {
  file: ModelFile;
  contextLength: number;
  gpuLayers: LlamaModelGpuLayers;
};
type LlamaModelGpuLayers = NonNullable<Parameters<Llama["loadModel"]>[0]["gpuLayers"]>;

async function plannedLoads(
  llama: Llama,
  files: readonly ModelFile[],
  options: LoadOptions & { hasEmbeddings: boolean },
): Promise<PlannedLoad[]> {
  const { slots, contextLength, kvType = "f16", gpuLayers = "auto", logger } = options;
  const room = await (options.readRoom ?? readMemoryRoom)(llama);
  const { placement, need } = await planMemory(
    llama,
    files.map(({ path, adapters }, index) => ({
      path,
      adapterPaths: adapters.map((adapter) => adapter.path),
      hasEmbeddings: options.hasEmbeddings && index === 0,
    })),
    { slots, contextLength, batchTokens: batchSizeFor(slots), kvType, gpuLayers },
    room,
  );
  logger.info({ need, room, ...placement }, "memory planned");
  return files.map((file, index) => {
    const length = placement.contextLengths[index] ?? 0;
    return {
      file,
      contextLength: length,
      gpuLayers:
        placement.layers === "auto"
          ? { fitContext: { contextSize: length * slots * (1 + file.adapters.length) } }
          : placement.layers,
    };
  });
}

/** Threads are chosen for so many answers at once: a single one gains less from them than a full batch. */
const measuredSlots = 4;

async function loadModel(
  llama: Llama,
  { file, contextLength, gpuLayers }: PlannedLoad,
  options: LoadOptions,
): Promise<Omit<LoadedModel, "device">> {
  const { path, adapters } = file;
  const model = await llama.loadModel({ modelPath: path, gpuLayers });
  const cores = coresOf(llama);
  // A model with a few layers left on the processor is as fast as these are.
  const isGpu = llama.gpu !== false && model.gpuLayers > model.fileInsights.totalLayers / 2;
  const choice =
    chooseThreads({ requested: options.threads, modelBytes: file.bytes, cores, isGpu }) ??
    (await withSpeedometer(model, Math.min(measuredSlots, options.slots), (measure) =>
      calibrateThreads(cores, measure),
    ));
  options.logger.info(
    {
      path,
      threads: choice.threads,
      cores,
      reason: choice.reason,
      gpuLayers: model.gpuLayers,
      contextLength,
    },
    "model loaded",
  );
  const context = await createContext(model, options, contextLength, choice);
  const adapterContexts = await createAdapterContexts(model, options, adapters, choice, context);
  return {
    llama,
    model,
    context,
    adapters,
    adapterContexts,
    path,
    contextLength: Math.min(context.contextSize, contextLength),
    threads: choice.threads,
  };
}

function coresOf(llama: Llama): number {
  return Math.max(1, Math.min(llama.cpuMathCores, availableParallelism()));
}

function batchSizeFor(slots: number): number {
  return Math.max(batchTokens, slots);
}

async function resolvePath(model: string, logger: Logger): Promise<string> {
  if (!/^(?:hf|huggingface|https?):/i.test(model)) return model;
  logger.info({ model }, "resolving the model, downloading it where needed");
  return resolveModelFile(model, { cli: false }).catch((cause: unknown) => {
    throw new Error(`The model ${model} cannot be downloaded: ${firstLine(cause)}`, { cause });
  });
}

async function createContext(
  model: LlamaModel,
  { slots, kvType = "f16" }: LoadOptions,
  contextLength: number,
  { threads }: ThreadChoice,
  lora?: LlamaContextOptions["lora"],
): Promise<LlamaContext> {
  return model.createContext({
    ...(lora === undefined ? {} : { lora }),
    sequences: slots,
    // A demand: the plan has made sure that there is room.
    contextSize: contextLength,
    batchSize: batchSizeFor(slots),
    threads: { ideal: threads, min: threads },
    flashAttention: isQuantised(kvType) ? true : "auto",
    experimentalKvCacheKeyType: toGgmlType(kvType),
    experimentalKvCacheValueType: toGgmlType(kvType),
    batching: { itemPrioritizationStrategy: ascendingIds, dispatchSchedule: dispatchOnceQueued },
  });
}

/** Errors: an `Error` that names the adapter. */
async function createAdapterContexts(
  model: LlamaModel,
  options: LoadOptions,
  adapters: readonly AdapterOptions[],
  choice: ThreadChoice,
  base: LlamaContext,
): Promise<LlamaContext[]> {
  const contexts: LlamaContext[] = [];
  for (const { path, scale } of adapters) {
    const lora = { adapters: [{ filePath: path, scale }] };
    try {
      contexts.push(await createContext(model, options, base.contextSize, choice, lora));
    } catch (cause) {
      throw new Error(`the adapter ${path} does not fit it (${firstLine(cause)})`, { cause });
    }
  }
  return contexts;
}

function reasonOf(cause: unknown, nativeError: string | null): string {
  if (cause instanceof InsufficientMemoryError) return `not enough memory (${firstLine(cause)})`;
  // A length in the header that leads out of the file.
  if (cause instanceof RangeError) return "the file is damaged";
  return nativeError ?? firstLine(cause);
}

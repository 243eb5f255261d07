import { stat } from "node:fs/promises";
import { GgmlType, type GgufFileInfo, GgufInsights, type Llama, readGgufFileInfo } from "node-llama-cpp";
import type { KvType } from "../kv-types";
import { maxEmbeddingTokens } from "./embedder";
import {
  chooseFit,
  type MemoryNeed,
  type MemoryRoom,
  type Placement,
  placements,
  shortageText,
} from "./memory-fit";

export type PlannedFile = {
  path: string;
  /** Files of adapters; each has a context of its own beside the model's. */
  adapterPaths: readonly string[];
  hasEmbeddings: boolean;
};

export type PlanOptions = {
  slots: number;
  contextLength: number | null;
  batchTokens: number;
  kvType: KvType;
  gpuLayers: "auto" | "max" | number;
};

/**
 * Chooses lengths of contexts and layers on the GPU so that all files fit into `room` together. What is needed comes from
 * llama.cpp itself, which lays out models and contexts without allocating them. Errors: an `Error` with one clause.
 */
export async function planMemory(
  llama: Llama,
  files: readonly PlannedFile[],
  options: PlanOptions,
  room: MemoryRoom,
): Promise<{ placement: Placement; need: MemoryNeed }> {
  const sources = await Promise.all(files.map((file) => readSource(llama, file)));
  for (const { insights, file } of sources) {
    if (isQuantised(options.kvType) && !insights.flashAttentionSupported) {
      throw new Error(
        `${file.path} takes no --kv-type ${options.kvType}: its architecture has no flash attention`,
      );
    }
  }
  const candidates = placements({
    contextLength: options.contextLength,
    trainedLengths: sources.map(({ insights }) => insights.trainContextSize ?? fallbackContextLength),
    isGpu: llama.gpu !== false,
    layers: options.gpuLayers,
  });
  const needs = new NeedOf(options);
  const fit = await chooseFit(
    candidates,
    async (placement) => {
      const parts = await Promise.all(
        sources.map((source, index) =>
          needs.of(source, placement.contextLengths[index] ?? 0, placement.layers),
        ),
      );
      return parts.reduce(sum);
    },
    room,
  );
  if (fit.kind === "short") throw new Error(shortageText(fit, room, options.slots));
  return fit;
}

/** llama.cpp's own default for a file that does not say what it was trained for. */
const fallbackContextLength = 4096;

/** A quantised value cache needs flash attention. */
export function isQuantised(type: KvType): boolean {
  return !["f32", "f16", "bf16"].includes(type);
}

export function toGgmlType(type: KvType): keyof typeof GgmlType {
  return type.toUpperCase() as Uppercase<KvType>;
}

type Source = { file: PlannedFile; insights: GgufInsights; adapterBytes: number };

async function readSource(llama: Llama, file: PlannedFile): Promise<Source> {
  const info: GgufFileInfo = await readGgufFileInfo(file.path, { logWarnings: false });
  const sizes = await Promise.all(file.adapterPaths.map(async (path) => (await stat(path)).size));
  return {
    file,
    insights: await GgufInsights.from(info, llama),
    adapterBytes: sizes.reduce((total, size) => total + size, 0),
  };
}

class NeedOf {
  readonly #options: PlanOptions;
  readonly #weights = new Map<string, Promise<{ cpuRam: number; gpuVram: number }>>();

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  async of(source: Source, contextLength: number, layers: Placement["layers"]): Promise<MemoryNeed> {
    const { insights, file, adapterBytes } = source;
    const { slots, batchTokens, kvType } = this.#options;
    // Where the split is the library's to choose, the whole counts, wherever it lies.
    const modelGpuLayers = layers === "max" ? insights.totalLayers : layers === "auto" ? 0 : layers;
    const weights = await this.#weightsOf(source, modelGpuLayers);
    const type = GgmlType[toGgmlType(kvType)];
    const context = await insights.estimateContextResourceRequirementsV2({
      contextSize: contextLength,
      modelGpuLayers,
      batchSize: batchTokens,
      sequences: slots,
      flashAttention: isQuantised(kvType) ? true : "auto",
      kvCacheKeyType: type,
      kvCacheValueType: type,
    });
    const embedding = file.hasEmbeddings
      ? await insights.estimateContextResourceRequirementsV2({
          contextSize: Math.min(contextLength, maxEmbeddingTokens),
          modelGpuLayers,
          batchSize: Math.min(contextLength, maxEmbeddingTokens),
          sequences: 1,
          isEmbeddingContext: true,
        })
      : { cpuRam: 0, gpuVram: 0 };
    const contexts = 1 + file.adapterPaths.length;
    const isOnGpu = modelGpuLayers > 0;
    const contextRam = context.cpuRam * contexts + embedding.cpuRam;
    const contextVram = context.gpuVram * contexts + embedding.gpuVram;
    return {
      ramBytes: weights.cpuRam + contextRam + (isOnGpu ? 0 : adapterBytes),
      vramBytes: weights.gpuVram + contextVram + (isOnGpu ? adapterBytes : 0),
      weightBytes: weights.cpuRam + weights.gpuVram + adapterBytes,
      contextBytes: contextRam + contextVram,
    };
  }

  #weightsOf({ insights, file }: Source, gpuLayers: number): Promise<{ cpuRam: number; gpuVram: number }> {
    const key = `${gpuLayers} ${file.path}`;
    const known = this.#weights.get(key);
    if (known !== undefined) return known;
    const asked = insights.estimateModelResourceRequirementsV2({ gpuLayers });
    this.#weights.set(key, asked);
    return asked;
  }
}

function sum(a: MemoryNeed, b: MemoryNeed): MemoryNeed {
  return {
    ramBytes: a.ramBytes + b.ramBytes,
    vramBytes: a.vramBytes + b.vramBytes,
    weightBytes: a.weightBytes + b.weightBytes,
    contextBytes: a.contextBytes + b.contextBytes,
  };
}

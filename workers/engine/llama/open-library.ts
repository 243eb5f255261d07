import { cpus } from "node:os";
import { getLlama, type Llama, LlamaLogLevel, type LlamaOptions } from "node-llama-cpp";
import type { Logger } from "pino";

/** `auto`: all GPUs that are visible; a number: that one, which must then be the only one visible; `off`: none. */
export type GpuChoice = "auto" | "off" | number;

/** Loads llama.cpp. Errors: an `Error` with one clear sentence, also when the GPU that was asked for is not there. */
export async function openLibrary(
  gpu: GpuChoice,
  maxThreads: number,
  native: Pick<NativeLog, "write">,
): Promise<Llama> {
  const llama = await getWithoutLoader({
    build: "never",
    gpu: gpu === "off" ? false : "auto",
    maxThreads,
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => native.write(level, message),
  }).catch((cause: unknown) => {
    throw new Error(`The llama.cpp library cannot be loaded: ${firstLine(cause)}`, { cause });
  });
  try {
    if (typeof gpu === "number") await requireGpu(llama, gpu);
  } catch (error) {
    await llama.dispose();
    throw error;
  }
  return llama;
}

async function requireGpu(llama: Llama, index: number): Promise<void> {
  const names = llama.gpu === false ? [] : await llama.getGpuDeviceNames();
  if (names.some((name) => !isSoftware(name))) return;
  const found = names.length === 0 ? "no GPU" : names.join(", ");
  throw new Error(
    `There is no GPU ${index}: the library found ${found} under that number. "npm run worker -- gpus" lists what there is, and --gpu off uses the processor.`,
  );
}

/** Names of the GPUs in the order in which `--gpu` counts them. */
export async function listGpus(): Promise<string[]> {
  const llama = await openLibrary("auto", 1, { write: () => undefined });
  try {
    return llama.gpu === false ? [] : (await llama.getGpuDeviceNames()).filter((name) => !isSoftware(name));
  } finally {
    await llama.dispose();
  }
}

/** Mesa's renderer on the processor calls itself a Vulkan device, and is slower than the processor alone. */
function isSoftware(name: string): boolean {
  return /\b(?:llvmpipe|lavapipe|swiftshader)\b/i.test(name);
}

const ownExecArgv = process.execArgv;

/**
 * The library tries its binary out in a child process that inherits our `execArgv`; without our loader for TypeScript,
 * which it does not need, the start takes half a second less.
 */
async function getWithoutLoader(options: LlamaOptions): Promise<Llama> {
  process.execArgv = [];
  try {
    return await getLlama(options);
  } finally {
    process.execArgv = ownExecArgv;
  }
}

export async function describeDevice(llama: Llama): Promise<string> {
  if (llama.gpu !== false) {
    const names = await llama.getGpuDeviceNames();
    if (names.length > 0) return names.join(", ").slice(0, 256);
  }
  return (cpus()[0]?.model ?? "CPU").slice(0, 256);
}

/** llama.cpp's own messages. The first error of a load is its reason, which the library's exception does not tell. */
export class NativeLog {
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

export function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split("\n")[0] ?? message;
}

import { parseArgs } from "node:util";
import { defaultPool, poolNameSchema } from "@/lib/protocol";
import {
  type AttachFlags,
  capability,
  engineUrl,
  requireDirect,
  upstreamModel,
  variableName,
} from "./attach-flags";
import type { KvType } from "./engine/kv-types";
import type { BuildTarget } from "./engine/llama";
import { isScenarioName, type ScenarioName, scenarioNames } from "./engine/mock";
import { type Dtype, dtypes, isDtype } from "./engine/transformers/model-address";
import { adapter, type GpuChoice, gpuChoice, kvType, modelChoice } from "./llama-flags";

/** The command line of a worker. Reads nothing but its arguments. */

type ModelFlags = {
  name: string | null;
  displayName: string | null;
  organization: string | null;
  licence: string | null;
  tags: string[];
};

type CommonCommand = ModelFlags & {
  slots: number;
  /** Tokens that prompt and answer may have together; null: the model's own. */
  contextLength: number | null;
  /** Address that the controller is told; null: where the worker listens. */
  url: string | null;
  /** Group of workers that this one belongs to. */
  pool: string;
  /** Files of personas. */
  personas: string[];
};

export type LlamaCommand = CommonCommand & {
  engine: "llama";
  model: string;
  /** Loaded beside the first one; a null name is the file's. */
  furtherModels: { name: string | null; model: string }[];
  gpu: GpuChoice;
  gpuLayers: "auto" | "max" | number;
  kvType: KvType;
  threads: number | null;
  hasEmbeddings: boolean;
  adapters: { name: string; path: string; scale: number }[];
};
type TransformersCommand = CommonCommand & {
  engine: "transformers";
  model: string;
  dtype: Dtype | null;
  threads: number | null;
  hasEmbeddings: boolean;
};
export type MockCommand = CommonCommand & {
  engine: "mock";
  name: string;
  scenario: ScenarioName;
  delayMs: number | null;
  readsImages: boolean;
};
export type AttachCommand = Omit<CommonCommand, "slots"> &
  AttachFlags & {
    engine: "attach";
    /** Null: what the engine tells. */
    slots: number | null;
  };
export type WorkerCommand = LlamaCommand | TransformersCommand | AttachCommand | MockCommand;

export type CliResult =
  | { kind: "command"; command: WorkerCommand }
  /** List the GPUs. */
  | { kind: "gpus" }
  /** Build the library for this machine, or remove such builds. */
  | { kind: "build"; target: BuildTarget | "clear" }
  | { kind: "help" }
  | { kind: "error"; message: string };

const commonOptions = {
  name: { type: "string" },
  "display-name": { type: "string" },
  organization: { type: "string" },
  licence: { type: "string" },
  tag: { type: "string", multiple: true },
  slots: { type: "string" },
  context: { type: "string" },
  url: { type: "string" },
  pool: { type: "string" },
  persona: { type: "string", multiple: true },
  help: { type: "boolean", short: "h" },
} as const;
const llamaOptions = {
  ...commonOptions,
  model: { type: "string", multiple: true },
  gpu: { type: "string" },
  "gpu-layers": { type: "string" },
  "kv-type": { type: "string" },
  threads: { type: "string" },
  embeddings: { type: "boolean" },
  lora: { type: "string", multiple: true },
} as const;
const transformersOptions = {
  ...commonOptions,
  model: { type: "string" },
  dtype: { type: "string" },
  threads: { type: "string" },
  embeddings: { type: "boolean" },
} as const;
const { persona: _persona, ...attachCommonOptions } = commonOptions;
const attachOptions = {
  ...attachCommonOptions,
  "api-key-env": { type: "string" },
  model: { type: "string", multiple: true },
  capability: { type: "string", multiple: true },
  direct: { type: "boolean" },
  "worker-url": { type: "string" },
} as const;
const mockOptions = {
  ...commonOptions,
  scenario: { type: "string" },
  "delay-ms": { type: "string" },
  vision: { type: "boolean" },
} as const;

const maxSlots = 256;

export function parseCli(args: readonly string[]): CliResult {
  const [engine, ...rest] = args;
  if (engine === undefined || engine === "--help" || engine === "-h" || rest.includes("--help"))
    return { kind: "help" };
  try {
    if (engine === "gpus") return parseGpus(rest);
    if (engine === "build") return parseBuild(rest);
    if (engine === "llama") return { kind: "command", command: parseLlama(rest) };
    if (engine === "transformers") return { kind: "command", command: parseTransformers(rest) };
    if (engine === "mock") return { kind: "command", command: parseMock(rest) };
    if (engine === "attach") return { kind: "command", command: parseAttach(rest) };
    throw new Error(`There is no engine "${engine}"; there are llama, transformers, attach and mock.`);
  } catch (error) {
    return { kind: "error", message: oneSentence(error instanceof Error ? error.message : String(error)) };
  }
}

function parseLlama(args: readonly string[]): LlamaCommand {
  const { values } = parseArgs({ args: [...args], options: llamaOptions, strict: true });
  const [first, ...furtherModels] = (values.model ?? []).map(modelChoice);
  if (first === undefined) throw new Error("llama needs --model FILE.gguf.");
  const flags = common(values);
  const { name, displayName } = flags;
  if ((name ?? displayName) !== null && furtherModels.length > 0) {
    throw new Error("--name and --display-name go with one model; several are named --model NAME=FILE.");
  }
  if (name !== null && first.name !== null)
    throw new Error("Give the name once: --name, or --model NAME=FILE.");
  const gpu = gpuChoice(values.gpu);
  const gpuLayers =
    values["gpu-layers"] === "max" ? "max" : integer("--gpu-layers", values["gpu-layers"], 0, 10_000);
  if (gpu === "off" && gpuLayers !== null) throw new Error("--gpu-layers needs a GPU, and --gpu is off.");
  if (gpu === "all" && flags.url !== null) {
    throw new Error("--url names one worker, and --gpu all starts several: start each with --gpu N.");
  }
  return {
    ...flags,
    engine: "llama",
    model: first.model,
    name: name ?? first.name,
    furtherModels,
    gpu,
    gpuLayers: gpuLayers ?? "auto",
    kvType: kvType(values["kv-type"]),
    threads: integer("--threads", values.threads, 1, 1024),
    hasEmbeddings: values.embeddings === true,
    adapters: (values.lora ?? []).map(adapter),
  };
}

function parseTransformers(args: readonly string[]): TransformersCommand {
  const { values } = parseArgs({ args: [...args], options: transformersOptions, strict: true });
  if (values.model === undefined) throw new Error("transformers needs --model FOLDER or hf:org/name.");
  const { dtype } = values;
  if (dtype !== undefined && !isDtype(dtype)) {
    throw new Error(`There is no dtype "${dtype}"; there are ${dtypes.join(", ")}.`);
  }
  return {
    engine: "transformers",
    model: values.model,
    dtype: dtype ?? null,
    threads: integer("--threads", values.threads, 1, 1024),
    hasEmbeddings: values.embeddings === true,
    ...common(values),
  };
}

function parseMock(args: readonly string[]): MockCommand {
  const { values } = parseArgs({ args: [...args], options: mockOptions, strict: true });
  if (values.name === undefined) throw new Error("mock needs --name NAME.");
  const scenario = values.scenario ?? "plain";
  if (!isScenarioName(scenario)) {
    throw new Error(`There is no scenario "${scenario}"; there are ${scenarioNames.join(", ")}.`);
  }
  return {
    engine: "mock",
    scenario,
    delayMs: integer("--delay-ms", values["delay-ms"], 0, 600_000),
    readsImages: values.vision === true,
    ...common(values),
    name: values.name,
  };
}

const maxAttachSlots = 4096;

function parseAttach(args: readonly string[]): AttachCommand {
  if (args.some((arg) => /^--persona(=|$)/.test(arg))) {
    throw new Error(
      "attach passes requests on as bytes and cannot add a persona to them: --persona is for the other engines.",
    );
  }
  const { values } = parseArgs({ args: [...args], options: attachOptions, strict: true });
  const { url, slots, "worker-url": workerUrl, ...others } = values;
  if (url === undefined)
    throw new Error("attach needs --url, the engine's address such as http://10.0.0.5:8000/v1.");
  const models = (values.model ?? []).map(upstreamModel);
  const command: AttachCommand = {
    engine: "attach",
    ...common({ ...others, url: workerUrl }, "--worker-url"),
    engineUrl: engineUrl(url),
    apiKeyEnv: values["api-key-env"] === undefined ? null : variableName(values["api-key-env"]),
    models,
    capabilities: values.capability?.map(capability) ?? null,
    slots: integer("--slots", slots, 1, maxAttachSlots),
    isDirect: values.direct === true,
  };
  if (command.isDirect) requireDirect(command);
  return command;
}

type CommonValues = {
  name?: string | undefined;
  "display-name"?: string | undefined;
  organization?: string | undefined;
  licence?: string | undefined;
  tag?: string[] | undefined;
  slots?: string | undefined;
  context?: string | undefined;
  url?: string | undefined;
  pool?: string | undefined;
  persona?: string[] | undefined;
};

function common(values: CommonValues, urlFlag = "--url"): CommonCommand {
  return {
    name: values.name ?? null,
    displayName: values["display-name"] ?? null,
    organization: values.organization ?? null,
    licence: values.licence ?? null,
    tags: values.tag ?? [],
    slots: integer("--slots", values.slots, 1, maxSlots) ?? 4,
    contextLength: integer("--context", values.context, 16, 10_000_000),
    url: values.url === undefined ? null : baseUrl(urlFlag, values.url),
    pool: poolName(values.pool ?? defaultPool),
    personas: values.persona ?? [],
  };
}

/** No options: it looks, and ends. */
function parseGpus(args: readonly string[]): CliResult {
  parseArgs({ args: [...args], options: {}, strict: true });
  return { kind: "gpus" };
}

function parseBuild(args: readonly string[]): CliResult {
  const options = { for: { type: "string" }, clear: { type: "boolean" } } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const target = values.clear === true ? "clear" : (values.for ?? "cpu");
  if (target === "clear" || target === "cpu" || target === "cuda" || target === "vulkan") {
    return { kind: "build", target };
  }
  throw new Error(`--for takes cpu, cuda or vulkan, not "${target}".`);
}

function poolName(text: string): string {
  if (poolNameSchema.safeParse(text).success) return text;
  throw new Error(`--pool takes small letters, digits and . _ - only, not "${text}".`);
}

function integer(flag: string, text: string | undefined, min: number, max: number): number | null {
  if (text === undefined) return null;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new Error(`${flag} takes a whole number from ${min} to ${max}, not "${text}".`);
}

function baseUrl(flag: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/") return url.origin;
  throw new Error(`${flag} takes an address such as http://10.0.0.5:8001, not "${text}".`);
}

/** `parseArgs` adds advice on "--" after its first sentence. */
function oneSentence(message: string): string {
  return (message.split(/\. (?=To specify|Did you)/)[0] ?? message).replace(/\.?$/, ".");
}

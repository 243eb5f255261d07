import { availableParallelism } from "node:os";
import {
  AutoModel,
  AutoModelForCausalLM,
  AutoTokenizer,
  env,
  LogLevel,
  type PreTrainedModel,
  type PreTrainedTokenizer,
} from "@huggingface/transformers";
import type { Logger } from "pino";
import { z } from "zod";
import type { SamplingParameters } from "../types";
import { type Dtype, type ModelAddress, parseModelAddress } from "./model-address";
import {
  chatTemplateOf,
  contextLengthOf,
  defaultSampling,
  endOfTurnIds,
  generationConfigSchema,
  modelConfigSchema,
  tokenizerConfigSchema,
} from "./model-config";
import { checkFolder, chooseDtype, graphBytes, libraryName, readJson, readText } from "./model-files";
import { type Pooling, parsePooling } from "./pooling";
import { TransformersTextCodec } from "./transformers-text-codec";

export type LoadOptions = {
  /** A folder, or `hf:org/name[:dtype]`. */
  model: string;
  /** Null: what is there, best 8-bit weights. */
  dtype: Dtype | null;
  /** Threads of one step; null: one for a small file, else all cores. */
  threads: number | null;
  /** Null: the model's own. */
  contextLength: number | null;
  /** Where what is downloaded from the hub is kept. */
  cacheFolder: string;
  logger: Logger;
};

export type LoadedModel = {
  address: ModelAddress;
  dtype: Dtype;
  model: PreTrainedModel;
  codec: TransformersTextCodec;
  contextLength: number;
  threads: number;
  /** True: it writes text, token by token. */
  isDecoder: boolean;
  /** Names of what a run of the graph gives. */
  outputs: ReadonlySet<string>;
  pooling: Pooling;
  defaults: ReturnType<typeof defaultSampling> & SamplingParameters;
  endOfTurn: ReadonlySet<number>;
};

/** A step of a small model is shorter than what several threads need to meet. */
const smallGraphBytes = 64 * 1024 * 1024;

/** Loads tokenizer and graph into ONNX Runtime, on the processor. Errors: an `Error` with one clear sentence. */
export async function loadModel(options: LoadOptions): Promise<LoadedModel> {
  const address = parseModelAddress(options.model, options.dtype);
  if (address.kind === "folder") await checkFolder(address.path);
  const dtype = await chooseDtype(address);
  const threads = options.threads ?? (await chooseThreads(address, dtype));
  openLibrary(address, options.cacheFolder);
  try {
    return await load(address, dtype, threads, options);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new Error(`The model ${options.model} cannot be loaded: ${reason.replace(/\.?$/, ".")}`, { cause });
  }
}

/** The library's settings belong to the process, which serves one model. */
function openLibrary(address: ModelAddress, cacheFolder: string): void {
  env.allowRemoteModels = address.kind === "hub";
  env.allowLocalModels = address.kind === "folder";
  env.cacheDir = cacheFolder;
  env.logLevel = LogLevel.ERROR;
}

async function load(
  address: ModelAddress,
  dtype: Dtype,
  threads: number,
  { contextLength, logger }: LoadOptions,
): Promise<LoadedModel> {
  if (address.kind === "hub")
    logger.info({ model: address.repository, dtype }, "downloading what is not here yet");
  const config = await readJson(address, "config.json", modelConfigSchema);
  if (config === null) throw new Error("there is no config.json");
  const generation = await readJson(address, "generation_config.json", generationConfigSchema);
  const tokenizerConfig = await readJson(address, "tokenizer_config.json", tokenizerConfigSchema);
  const template = chatTemplateOf(tokenizerConfig, await readText(address, "chat_template.jinja"));
  const pooling = await readJson(address, "1_Pooling/config.json", z.unknown());
  const own = contextLengthOf(config, tokenizerConfig);
  const length = Math.min(contextLength ?? own, own);
  const source = { local_files_only: address.kind === "folder" };
  const tokenizer = await AutoTokenizer.from_pretrained(libraryName(address), source);
  const isCausal = config.architectures?.some(
    (name) => name.endsWith("ForCausalLM") || name.endsWith("LMHeadModel"),
  );
  const Model = isCausal === true ? AutoModelForCausalLM : AutoModel;
  const model: PreTrainedModel = await Model.from_pretrained(libraryName(address), {
    ...source,
    dtype,
    device: "cpu",
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  try {
    const session = model.sessions["model"];
    if (session === undefined) throw new Error("it is neither a decoder nor an encoder");
    const outputs = new Set<string>(session.outputNames);
    const isDecoder = outputs.has("logits") && [...outputs].some((name) => name.startsWith("present"));
    return {
      address,
      dtype,
      model,
      codec: new TransformersTextCodec({ tokenizer, contextLength: length, template }),
      contextLength: length,
      threads,
      isDecoder,
      outputs,
      // Where the model does not say: the state that has seen the whole text, which in an encoder is every one of them.
      pooling: pooling === null ? (isCausal === true ? "last" : "mean") : parsePooling(pooling),
      defaults: defaultSampling(generation),
      endOfTurn: endOfTurnIds([generation, config, ownEnd(tokenizer)], controlTokens(tokenizer)),
    };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

async function chooseThreads(address: ModelAddress, dtype: Dtype): Promise<number> {
  const bytes = await graphBytes(address, dtype);
  return bytes !== null && bytes < smallGraphBytes ? 1 : availableParallelism();
}

function ownEnd(tokenizer: PreTrainedTokenizer): { eos_token_id: number | undefined } {
  return { eos_token_id: tokenizer.eos_token_id };
}

function controlTokens(tokenizer: PreTrainedTokenizer): ReadonlyMap<string, number> {
  return new Map(
    tokenizer.all_special_tokens.map((text, index) => [text, tokenizer.all_special_ids[index] ?? -1]),
  );
}

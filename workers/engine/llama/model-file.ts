import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { OfferedModel } from "@/lib/protocol";
import { type ModelLabels, offerModel } from "../offer-model";
import { defaultSampling } from "./sampling";

/** Size of a GGUF file. Errors: one sentence when it is missing or is no GGUF. */
export async function checkModelFile(path: string): Promise<number> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new Error(`The model file ${path} cannot be read: ${reasonOf(cause)}.`, { cause });
  });
  if (!info.isFile()) throw new Error(`The model path ${path} is not a file.`);
  const file = await open(path);
  try {
    const head = Buffer.alloc(8);
    await file.read(head, 0, head.length, 0);
    if (head.toString("latin1", 0, 4) !== "GGUF") throw new Error(`The file ${path} is not a GGUF model.`);
    const version = head.readUInt32LE(4);
    if (version !== 2 && version !== 3) {
      throw new Error(`The file ${path} is a GGUF of version ${version}; versions 2 and 3 are supported.`);
    }
  } finally {
    await file.close();
  }
  return info.size;
}

/** The public name of a model file: its base name without quantisation, e.g. `demo-13m-q8_0.gguf` → `demo-13m`. */
export function modelNameOfFile(path: string): string {
  const base = basename(path)
    .replace(/\.gguf$/i, "")
    .replace(/^hf_[^_]+_/, "")
    .replace(/-\d{5}-of-\d{5}$/, "");
  const short = base.replace(/[-._](?:UD-)?(?:I?Q\d\w*|TQ\d\w*|B?F(?:P)?(?:16|32)|MXFP\d\w*)$/i, "");
  return short === "" ? base : short;
}

/** What is offered to the controller. `general`: the file's `general.*` metadata. Errors: one sentence. */
export function describeModel(
  path: string,
  general: Readonly<Record<string, unknown>>,
  contextLength: number,
  labels: ModelLabels,
  hasEmbeddings = false,
): OfferedModel {
  const described = {
    ...labels,
    displayName: labels.displayName ?? textOf(general["name"]),
    organization: labels.organization ?? textOf(general["organization"]) ?? textOf(general["author"]),
    licence: labels.licence ?? textOf(general["license"]),
  };
  const capabilities = [
    "chat",
    "completion",
    ...(hasEmbeddings ? (["embedding"] as const) : []),
    "tools",
    "json",
    "logprobs",
  ] as const;
  const { temperature, topP, topK } = defaultSampling;
  const name = labels.name ?? modelNameOfFile(path);
  return offerModel(name, described, contextLength, capabilities, { temperature, topP, topK });
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value.trim().slice(0, 128) : null;
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : null;
  return code === "ENOENT" ? "it does not exist" : cause instanceof Error ? cause.message : String(cause);
}

import { basename } from "node:path";
import { modelNameSchema } from "@/lib/protocol";
import { isKvType, type KvType, kvTypes } from "./engine/kv-types";

/** What the values of the llama worker's own flags mean. A value that means nothing is an error that names its flag. */

/** `all`: a process for each. */
export type GpuChoice = "auto" | "all" | "off" | number;

/** `[NAME=]FILE`. Neither a path with a slash before the "=" nor an address has a name. */
export function modelChoice(text: string): { name: string | null; model: string } {
  const match = /^([^=/\\]+)=(.+)$/.exec(text);
  const [, name = "", model = ""] = match ?? [];
  if (match === null || /^(?:hf|huggingface|https?):/i.test(text)) return { name: null, model: text };
  if (modelNameSchema.safeParse(name).success) return { name, model };
  throw new Error(`--model takes [NAME=]FILE, not "${text}".`);
}

export function gpuChoice(text: string | undefined): GpuChoice {
  if (text === undefined) return "auto";
  if (text === "all" || text === "off") return text;
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new Error(`--gpu takes a number from 0, "all" or "off", not "${text}".`);
}

export function kvType(text: string | undefined): KvType {
  if (text === undefined) return "f16";
  const type = text.toLowerCase();
  if (isKvType(type)) return type;
  throw new Error(`--kv-type takes ${kvTypes.join(", ")}, not "${text}".`);
}

/** `[NAME=]FILE[:SCALE]`; without a name, the file's. */
export function adapter(text: string): { name: string; path: string; scale: number } {
  const match = /^(?:([^=]*)=)?(.+?)(?::(-?\d+(?:\.\d+)?))?$/.exec(text);
  const path = match?.[2] ?? "";
  const name = match?.[1] ?? basename(path).replace(/\.gguf$/i, "");
  if (modelNameSchema.safeParse(name).success) return { name, path, scale: Number(match?.[3] ?? 1) };
  throw new Error(`--lora takes [NAME=]FILE[:SCALE], not "${text}".`);
}

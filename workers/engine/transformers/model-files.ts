import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { env } from "@huggingface/transformers";
import type { z } from "zod";
import { type Dtype, dtypeSuffix, dtypes, type ModelAddress } from "./model-address";

/** What the library is told: the folder itself, or the repository's name. */
export function libraryName(address: ModelAddress): string {
  return address.kind === "folder" ? address.path : address.repository;
}

/** Errors: one sentence when a folder is not there or holds no model. */
export async function checkFolder(path: string): Promise<void> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new Error(`The model folder ${path} cannot be read: ${reasonOf(cause)}.`, { cause });
  });
  if (!info.isDirectory()) throw new Error(`The model path ${path} is not a folder.`);
  if ((await readText({ kind: "folder", path, dtype: null }, "config.json")) === null) {
    throw new Error(`The model folder ${path} has no config.json.`);
  }
}

/** The dtype that was asked for, or the first one in the order of {@link dtypes} that is there. Errors: one sentence. */
export async function chooseDtype(address: ModelAddress): Promise<Dtype> {
  if (address.kind === "hub") return address.dtype ?? "q8";
  const folder = join(address.path, "onnx");
  const names = new Set(await namesIn(folder));
  const present = dtypes.filter((dtype) => names.has(`model${dtypeSuffix[dtype]}.onnx`));
  const chosen = address.dtype ?? present[0];
  if (chosen !== undefined && present.includes(chosen)) return chosen;
  const there = present.length === 0 ? "no graph" : present.join(", ");
  const wanted = chosen === undefined ? "onnx/model*.onnx" : `onnx/model${dtypeSuffix[chosen]}.onnx`;
  throw new Error(`The model folder ${address.path} has no ${wanted}; there is ${there}.`);
}

/** Bytes of a folder's graph with its external data; null for the hub. */
export async function graphBytes(address: ModelAddress, dtype: Dtype): Promise<number | null> {
  if (address.kind === "hub") return null;
  const folder = join(address.path, "onnx");
  const graph = `model${dtypeSuffix[dtype]}.onnx`;
  const names = (await namesIn(folder)).filter((name) => name === graph || name.startsWith(`${graph}_data`));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A JSON file beside the graph; null where there is none. Errors: one sentence when it is not as expected. */
export async function readJson<T>(
  address: ModelAddress,
  name: string,
  schema: z.ZodType<T>,
): Promise<T | null> {
  const text = await readText(address, name);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`The file ${name} of ${libraryName(address)} cannot be understood.`, { cause });
  }
}

/**
 * A small file beside the graph; null where there is none. One of the hub is kept in the library's cache, as the library
 * keeps its own, and so is the knowledge that there is none: a later start asks nobody.
 */
export async function readText(address: ModelAddress, name: string): Promise<string | null> {
  if (address.kind === "folder") return readIfThere(join(address.path, name));
  const kept = join(env.cacheDir ?? "", address.repository, name);
  const text = await readIfThere(kept);
  if (text !== null) return text;
  const absent = `${kept}.absent`;
  if ((await readIfThere(absent)) !== null) return null;
  const downloaded = await download(address.repository, name);
  // That a repository has no configuration at all may be a slip of the pen, and may be mended.
  if (downloaded !== null) await keep(kept, downloaded);
  else if (name !== "config.json") await keep(absent, "");
  return downloaded;
}

/** Null: there is no such file. Errors: an `Error` with one sentence. */
async function download(repository: string, name: string): Promise<string | null> {
  const path = env.remotePathTemplate.replace("{model}", repository).replace("{revision}", "main");
  const response = await env.fetch(new URL(`${path.replace(/\/?$/, "/")}${name}`, env.remoteHost));
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${name} cannot be downloaded: HTTP ${response.status}`);
  return response.text();
}

/** Whole or not at all: a cut file would be taken for the real one at the next start. */
async function keep(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function reasonOf(cause: unknown): string {
  if (isMissing(cause)) return "it does not exist";
  return cause instanceof Error ? cause.message : String(cause);
}

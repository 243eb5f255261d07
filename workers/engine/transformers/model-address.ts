import { basename, resolve } from "node:path";

/** Weights in the precisions for which Optimum and transformers.js name files. Source: `DATA_TYPES` of transformers.js. */
export const dtypes = ["q8", "fp32", "fp16", "int8", "uint8", "q4", "q4f16", "bnb4"] as const;
export type Dtype = (typeof dtypes)[number];

/** Ending of a graph's file name. Source: `DEFAULT_DTYPE_SUFFIX_MAPPING` of transformers.js. */
export const dtypeSuffix: Readonly<Record<Dtype, string>> = {
  q8: "_quantized",
  fp32: "",
  fp16: "_fp16",
  int8: "_int8",
  uint8: "_uint8",
  q4: "_q4",
  q4f16: "_q4f16",
  bnb4: "_bnb4",
};

/** Where a model is: a folder here, or a repository of the hub that is downloaded once. */
export type ModelAddress =
  | { kind: "folder"; path: string; dtype: Dtype | null }
  | { kind: "hub"; repository: string; dtype: Dtype | null };

/** Reads `FOLDER` or `hf:org/name[:dtype]`. Errors: one sentence. */
export function parseModelAddress(text: string, dtype: Dtype | null): ModelAddress {
  if (!/^hf:/i.test(text)) return { kind: "folder", path: resolve(text), dtype };
  const match = /^hf:([\w.-]+\/[\w.-]+?)(?::(\w+))?$/i.exec(text);
  const [, repository, named] = match ?? [];
  if (repository === undefined)
    throw new Error(`--model takes FOLDER or hf:org/name[:dtype], not "${text}".`);
  if (named === undefined) return { kind: "hub", repository, dtype };
  if (!isDtype(named)) throw new Error(`There is no dtype "${named}"; there are ${dtypes.join(", ")}.`);
  if (dtype !== null && dtype !== named) {
    throw new Error(`--model names the dtype ${named}, and --dtype names ${dtype}.`);
  }
  return { kind: "hub", repository, dtype: named };
}

export function isDtype(text: string): text is Dtype {
  return dtypes.some((dtype) => dtype === text);
}

/** The public name of a model: its folder's or repository's, without what names the format. */
export function modelNameOf(address: ModelAddress): string {
  const base = basename(address.kind === "folder" ? address.path : address.repository);
  const short = base.replace(/[-._]onnx(?:[-._]\w+)?$/i, "");
  return short === "" ? base : short;
}

import { access, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readGgufFileInfo } from "node-llama-cpp";
import { seededRandom } from "../stats";
import {
  blockBytes,
  blockValues,
  type GgufTensor,
  type GgufValue,
  tensorBytes,
  writeGguf,
} from "./gguf-writer";

/** A llama architecture. Sizes in elements. */
export type ModelShape = {
  layers: number;
  width: number;
  feedForward: number;
  heads: number;
  keyValueHeads: number;
  vocabulary: number;
  /** False: the embedding serves as output matrix, too. */
  hasOutputMatrix: boolean;
  ropeBase: number;
};

/** Shapes of real models (SmolLM2-135M, Llama 3.2 1B, Llama 3.1 8B) and a smaller one. */
export const modelShapes = {
  "24m": shape(14, 384, 1024, 6, 2, 4096, false, 10_000),
  "134m": shape(30, 576, 1536, 9, 3, 49_152, false, 100_000),
  "1b": shape(16, 2048, 8192, 32, 8, 128_256, false, 500_000),
  "8b": shape(32, 4096, 14_336, 32, 8, 128_256, true, 500_000),
} as const satisfies Readonly<Record<string, ModelShape>>;
export type ShapeName = keyof typeof modelShapes;

export const isShapeName = (name: string): name is ShapeName => name in modelShapes;

const contextLength = 8192;
/** Ids 0 to 2 of the borrowed vocabulary: end of text, start and end of a turn. */
const controlTokens = 3;
/** The bundled model whose tokenizer and chat template the random ones borrow. */
const tokenizerSource = fileURLToPath(new URL("../../workers/models/demo-1m-q8_0.gguf", import.meta.url));

/**
 * The path of a Q8_0 GGUF of that shape with random weights, written on first use: 26 MB, 143 MB, 1.3 GB, 8.5 GB. What it
 * says is noise; how fast it says it is not, because no kernel looks at the values.
 */
export async function randomModel(folder: string, name: ShapeName): Promise<string> {
  const path = join(folder, `random-${name}-q8_0.gguf`);
  if (await exists(path)) return path;
  await mkdir(folder, { recursive: true });
  const model = modelShapes[name];
  const metadata = { ...architecture(name, model), ...(await tokenizer(model.vocabulary)) };
  // A half-written file is never taken for a whole one.
  const unfinished = `${path}.unfinished-${process.pid}`;
  await writeGguf(unfinished, metadata, tensors(model), tensorData());
  await rename(unfinished, path);
  return path;
}

function shape(
  layers: number,
  width: number,
  feedForward: number,
  heads: number,
  keyValueHeads: number,
  vocabulary: number,
  hasOutputMatrix: boolean,
  ropeBase: number,
): ModelShape {
  return { layers, width, feedForward, heads, keyValueHeads, vocabulary, hasOutputMatrix, ropeBase };
}

function architecture(name: string, model: ModelShape): Record<string, GgufValue> {
  return {
    "general.architecture": { type: "string", value: "llama" },
    "general.name": { type: "string", value: `random-${name}` },
    "general.file_type": { type: "uint32", value: 7 },
    "llama.context_length": { type: "uint32", value: contextLength },
    "llama.embedding_length": { type: "uint32", value: model.width },
    "llama.block_count": { type: "uint32", value: model.layers },
    "llama.feed_forward_length": { type: "uint32", value: model.feedForward },
    "llama.attention.head_count": { type: "uint32", value: model.heads },
    "llama.attention.head_count_kv": { type: "uint32", value: model.keyValueHeads },
    "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 },
    "llama.rope.dimension_count": { type: "uint32", value: model.width / model.heads },
    "llama.rope.freq_base": { type: "float32", value: model.ropeBase },
    "llama.vocab_size": { type: "uint32", value: model.vocabulary },
  };
}

/** The bundled tokenizer, filled up with short words that it never makes of a text but that the model may say. */
async function tokenizer(vocabulary: number): Promise<Record<string, GgufValue>> {
  const { metadata } = await readGgufFileInfo(tokenizerSource);
  const source = metadata.tokenizer.ggml;
  const tokens = [...source.tokens];
  const types: number[] = [...(source.token_type ?? [])];
  const known = new Set(tokens);
  for (let count = 0; tokens.length < vocabulary; count++) {
    // "Ġ" stands for a space in byte-level vocabularies.
    const word = `Ġ${count.toString(26).replace(/\d/g, (digit) => "qrstuvwxyz"[Number(digit)] ?? "q")}`;
    if (known.has(word)) continue;
    tokens.push(word);
    types.push(1);
  }
  const template = metadata.tokenizer.chat_template;
  if (source.merges === undefined || template === undefined || source.eos_token_id === undefined) {
    throw new Error(`${tokenizerSource} has no merges, no chat template or no end-of-turn token.`);
  }
  return {
    "tokenizer.ggml.model": { type: "string", value: source.model },
    "tokenizer.ggml.pre": { type: "string", value: "qwen2" },
    "tokenizer.ggml.tokens": { type: "strings", value: tokens },
    "tokenizer.ggml.token_type": { type: "int32s", value: types },
    "tokenizer.ggml.merges": { type: "strings", value: source.merges },
    "tokenizer.ggml.bos_token_id": { type: "uint32", value: source.bos_token_id ?? 0 },
    "tokenizer.ggml.eos_token_id": { type: "uint32", value: source.eos_token_id },
    "tokenizer.ggml.add_bos_token": { type: "bool", value: false },
    "tokenizer.chat_template": { type: "string", value: template },
  };
}

function tensors(model: ModelShape): GgufTensor[] {
  const { width, feedForward, vocabulary } = model;
  const keyValueWidth = (width / model.heads) * model.keyValueHeads;
  const matrix = (name: string, columns: number, rows: number): GgufTensor => ({
    name: `${name}.weight`,
    shape: [columns, rows],
    kind: "q8_0",
  });
  const norm = (name: string): GgufTensor => ({ name: `${name}.weight`, shape: [width], kind: "f32" });
  return [
    matrix("token_embd", width, vocabulary),
    norm("output_norm"),
    ...(model.hasOutputMatrix ? [matrix("output", width, vocabulary)] : []),
    ...Array.from({ length: model.layers }, (_, layer) => [
      norm(`blk.${layer}.attn_norm`),
      matrix(`blk.${layer}.attn_q`, width, width),
      matrix(`blk.${layer}.attn_k`, width, keyValueWidth),
      matrix(`blk.${layer}.attn_v`, width, keyValueWidth),
      matrix(`blk.${layer}.attn_output`, width, width),
      norm(`blk.${layer}.ffn_norm`),
      matrix(`blk.${layer}.ffn_gate`, width, feedForward),
      matrix(`blk.${layer}.ffn_up`, width, feedForward),
      matrix(`blk.${layer}.ffn_down`, feedForward, width),
    ]).flat(),
  ];
}

/** Random blocks are made once and repeated: 8.5 GB of fresh noise would take minutes and tell no more. */
function tensorData(): (tensor: GgufTensor) => Iterable<Uint8Array> {
  const random = seededRandom(1);
  // A prime number of blocks, so that rows of one matrix differ.
  const noise = Buffer.alloc(32_771 * blockBytes);
  for (let at = 0; at < noise.length; at += blockBytes) {
    // 0.00027 in half precision: with values of ±127 a standard deviation of about 0.02, as trained models have.
    noise.writeUInt16LE(0x0c6d, at);
    for (let value = 2; value < blockBytes; value++) {
      noise.writeInt8(Math.floor(random() * 255) - 127, at + value);
    }
  }
  return function* (tensor) {
    if (tensor.kind === "f32") {
      const elements = tensorBytes(tensor) / 4;
      yield new Uint8Array(new Float32Array(elements).fill(1).buffer);
      return;
    }
    // Control tokens stand first in the vocabulary. A row of zeros gives them a logit of 0, which is never the largest,
    // so no answer ends by itself.
    const isVocabulary = tensor.name === "token_embd.weight" || tensor.name === "output.weight";
    const zeros = isVocabulary ? controlTokens * ((tensor.shape[0] ?? 0) / blockValues) * blockBytes : 0;
    yield new Uint8Array(zeros);
    for (let left = tensorBytes(tensor) - zeros; left > 0; left -= noise.length) {
      yield left >= noise.length ? noise : noise.subarray(0, left);
    }
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

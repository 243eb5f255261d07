import { blockBytes, blockValues, type GgufFile, type GgufTensor } from "./gguf-file";
import { OnnxGraph } from "./onnx-proto";

/** Sizes of a model of the llama architecture. */
export type LlamaShape = {
  layers: number;
  width: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  feedForward: number;
  vocabulary: number;
  contextLength: number;
  ropeBase: number;
  normEpsilon: number;
};

const operatorSet = 18;

/** Errors: an `Error` for another architecture. */
export function shapeOf({ metadata, tensors }: GgufFile): LlamaShape {
  const architecture = metadata.get("general.architecture");
  if (architecture !== "llama") throw new Error(`The architecture ${architecture} is not exported.`);
  const number = (key: string, fallback?: number): number => {
    const value = metadata.get(`llama.${key}`) ?? fallback;
    if (typeof value !== "number") throw new Error(`The file does not name llama.${key}.`);
    return value;
  };
  const heads = number("attention.head_count");
  const width = number("embedding_length");
  return {
    layers: number("block_count"),
    width,
    heads,
    keyValueHeads: number("attention.head_count_kv", heads),
    headSize: number("rope.dimension_count", width / heads),
    feedForward: number("feed_forward_length"),
    vocabulary: tensors.get("token_embd.weight")?.shape[0] ?? 0,
    contextLength: number("context_length"),
    ropeBase: number("rope.freq_base", 10_000),
    normEpsilon: number("attention.layer_norm_rms_epsilon"),
  };
}

/**
 * The decoder with a key/value cache, inputs and outputs named as transformers.js and Optimum name them, and the last
 * hidden states as a further output, so that the model can embed. Weights stay in 8 bits with a 16-bit scale for 32
 * values, exactly those of the file; ONNX Runtime unpacks them once, when it loads the graph.
 */
export function llamaGraph(file: GgufFile, shape: LlamaShape): Buffer {
  return new LlamaGraph(file, shape).build();
}

class LlamaGraph {
  readonly #file: GgufFile;
  readonly #shape: LlamaShape;
  readonly #graph = new OnnxGraph();

  constructor(file: GgufFile, shape: LlamaShape) {
    this.#file = file;
    this.#shape = shape;
  }

  build(): Buffer {
    const graph = this.#graph;
    const { layers, width, vocabulary } = this.#shape;
    const ids = graph.input("input_ids", "int64", ["batch_size", "sequence_length"]);
    const mask = graph.input("attention_mask", "int64", ["batch_size", "total_sequence_length"]);
    const positions = graph.input("position_ids", "int64", ["batch_size", "sequence_length"]);
    const embeddings = this.#weight("token_embd.weight");
    const bias = this.#attentionBias(ids, mask);
    const rotation = this.#rotation(positions);
    let state = graph.node("Gather", [embeddings, ids]);
    for (let layer = 0; layer < layers; layer++) {
      const name = `blk.${layer}`;
      const attended = this.#attention(
        layer,
        this.#normalised(state, `${name}.attn_norm.weight`),
        bias,
        rotation,
      );
      state = graph.node("Add", [state, attended]);
      const fed = this.#feedForward(layer, this.#normalised(state, `${name}.ffn_norm.weight`));
      state = graph.node("Add", [state, fed]);
    }
    const last = this.#normalised(state, "output_norm.weight", "last_hidden_state");
    const head = this.#file.tensors.has("output.weight") ? this.#weight("output.weight") : embeddings;
    graph.node("MatMul", [last, graph.node("Transpose", [head], { perm: [1, 0] })], {}, "logits");
    graph.output("logits", "float", ["batch_size", "sequence_length", vocabulary]);
    graph.output("last_hidden_state", "float", ["batch_size", "sequence_length", width]);
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ["key", "value"]) {
        graph.output(`present.${layer}.${part}`, "float", this.#cacheShape("total_sequence_length"));
      }
    }
    return graph.model("llama", operatorSet);
  }

  #cacheShape(length: string): (string | number)[] {
    return ["batch_size", this.#shape.keyValueHeads, length, this.#shape.headSize];
  }

  /** Added to the scores: 0 where a query may see a key, very low elsewhere. `[batch, 1, 1, queries, keys]`. */
  #attentionBias(ids: string, mask: string): string {
    const graph = this.#graph;
    const scalar = (value: number): string => graph.integers([value], []);
    const length = (tensor: string): string =>
      graph.node("Gather", [graph.node("Shape", [tensor]), scalar(1)], { axis: 0 });
    const keys = length(mask);
    const first = graph.node("Sub", [keys, length(ids)]);
    const rows = graph.node("Range", [first, keys, scalar(1)]);
    const columns = graph.node("Range", [scalar(0), keys, scalar(1)]);
    const isPast = graph.node("LessOrEqual", [columns, graph.node("Unsqueeze", [rows, graph.integers([1])])]);
    const isThere = graph.node("Cast", [mask], { to: 9 });
    const isSeen = graph.node("And", [isPast, graph.node("Unsqueeze", [isThere, graph.integers([1, 2, 3])])]);
    return graph.node("Where", [isSeen, graph.floats([0], []), graph.floats([-1e9], [])]);
  }

  /** Cosines and sines, `[batch, positions, 1, head size / 2]`. */
  #rotation(positions: string): { cos: string; sin: string } {
    const graph = this.#graph;
    const { headSize, ropeBase } = this.#shape;
    const frequencies = Array.from(
      { length: headSize / 2 },
      (_, pair) => ropeBase ** ((-2 * pair) / headSize),
    );
    const places = graph.node("Unsqueeze", [
      graph.node("Cast", [positions], { to: 1 }),
      graph.integers([2, 3]),
    ]);
    const angles = graph.node("Mul", [places, graph.floats(frequencies)]);
    return { cos: graph.node("Cos", [angles]), sin: graph.node("Sin", [angles]) };
  }

  /** `x / sqrt(mean(x²) + ε) · weight` over the last axis. */
  #normalised(state: string, weight: string, output?: string): string {
    const graph = this.#graph;
    const squares = graph.node("Mul", [state, state]);
    const mean = graph.node("ReduceMean", [squares, graph.integers([-1])], { keepdims: 1 });
    const root = graph.node("Sqrt", [graph.node("Add", [mean, graph.floats([this.#shape.normEpsilon], [])])]);
    return graph.node("Mul", [graph.node("Div", [state, root]), this.#weight(weight)], {}, output);
  }

  #attention(layer: number, state: string, bias: string, rotation: { cos: string; sin: string }): string {
    const graph = this.#graph;
    const { heads, keyValueHeads, headSize, width } = this.#shape;
    const name = `blk.${layer}`;
    const part = (weight: string, count: number, isRotated: boolean): string => {
      const flat = this.#linear(state, `${name}.${weight}.weight`, isRotated ? headSize : undefined);
      const split = graph.node("Reshape", [flat, graph.integers([0, 0, count, headSize])]);
      return isRotated ? this.#rotated(split, rotation) : split;
    };
    const cached = (kind: "key" | "value", fresh: string): string => {
      const past = graph.input(
        `past_key_values.${layer}.${kind}`,
        "float",
        this.#cacheShape("past_sequence_length"),
      );
      const turned = graph.node("Transpose", [fresh], { perm: [0, 2, 1, 3] });
      const all = graph.node("Concat", [past, turned], { axis: 2 }, `present.${layer}.${kind}`);
      // One axis more: the query heads that share a key head.
      return graph.node("Unsqueeze", [all, graph.integers([2])]);
    };
    const queries = graph.node(
      "Transpose",
      [
        graph.node("Reshape", [
          part("attn_q", heads, true),
          graph.integers([0, 0, keyValueHeads, heads / keyValueHeads, headSize]),
        ]),
      ],
      { perm: [0, 2, 3, 1, 4] },
    );
    const keys = cached("key", part("attn_k", keyValueHeads, true));
    const values = cached("value", part("attn_v", keyValueHeads, false));
    const products = graph.node("MatMul", [
      queries,
      graph.node("Transpose", [keys], { perm: [0, 1, 2, 4, 3] }),
    ]);
    const scores = graph.node("Mul", [products, graph.floats([headSize ** -0.5], [])]);
    const weights = graph.node("Softmax", [graph.node("Add", [scores, bias])], { axis: -1 });
    const mixed = graph.node("Transpose", [graph.node("MatMul", [weights, values])], {
      perm: [0, 3, 1, 2, 4],
    });
    const joined = graph.node("Reshape", [mixed, graph.integers([0, 0, width])]);
    return this.#linear(joined, `${name}.attn_output.weight`);
  }

  /** Rotary positions in the order of Hugging Face: the pairs are value i and value i + half of a head. */
  #rotated(heads: string, { cos, sin }: { cos: string; sin: string }): string {
    const graph = this.#graph;
    const half = this.#shape.headSize / 2;
    const slice = (from: number): string =>
      graph.node("Slice", [
        heads,
        graph.integers([from]),
        graph.integers([from + half]),
        graph.integers([3]),
      ]);
    const [first, second] = [slice(0), slice(half)];
    const product = (a: string, b: string): string => graph.node("Mul", [a, b]);
    const left = graph.node("Sub", [product(first, cos), product(second, sin)]);
    const right = graph.node("Add", [product(second, cos), product(first, sin)]);
    return graph.node("Concat", [left, right], { axis: 3 });
  }

  #feedForward(layer: number, state: string): string {
    const graph = this.#graph;
    const name = `blk.${layer}`;
    const gate = this.#linear(state, `${name}.ffn_gate.weight`);
    const swish = graph.node("Mul", [gate, graph.node("Sigmoid", [gate])]);
    const up = this.#linear(state, `${name}.ffn_up.weight`);
    return this.#linear(graph.node("Mul", [swish, up]), `${name}.ffn_down.weight`);
  }

  /** `pairedRows`: rows of each so many are put from llama.cpp's order of rotary pairs into Hugging Face's. */
  #linear(state: string, name: string, pairedRows?: number): string {
    const weight = this.#weight(name, pairedRows);
    const turned = this.#graph.node("Transpose", [weight], { perm: [1, 0] });
    return this.#graph.node("MatMul", [state, turned]);
  }

  #weight(name: string, pairedRows?: number): string {
    const tensor = this.#file.tensors.get(name);
    if (tensor === undefined) throw new Error(`The file has no tensor ${name}.`);
    if (tensor.type === "f32") return this.#graph.constant("float", tensor.shape, tensor.data, name);
    const graph = this.#graph;
    const [rows = 0, columns = 0] = tensor.shape;
    const blocks = columns / blockValues;
    const { scales, values } = unpack(tensor, pairedRows === undefined ? sameRow : unpairedRow(pairedRows));
    const scale = graph.constant("float16", [rows, blocks, 1], scales, `${name}.scale`);
    const packed = graph.constant("int8", [rows, blocks, blockValues], values, `${name}.q8`);
    const unpacked = graph.node("Mul", [
      graph.node("Cast", [packed], { to: 1 }),
      graph.node("Cast", [scale], { to: 1 }),
    ]);
    return graph.node("Reshape", [unpacked, graph.integers([rows, columns])], {}, name);
  }
}

/** Scales and values of Q8_0 apart; row `i` of the result is row `sourceOf(i)` of the file. */
function unpack({ shape, data }: GgufTensor, sourceOf: (row: number) => number) {
  const [rows = 0, columns = 0] = shape;
  const blocks = columns / blockValues;
  const scales = Buffer.alloc(rows * blocks * 2);
  const values = Buffer.alloc(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const from = (sourceOf(row) * blocks + block) * blockBytes;
      const to = row * blocks + block;
      data.copy(scales, to * 2, from, from + 2);
      data.copy(values, to * blockValues, from + 2, from + blockBytes);
    }
  }
  return { scales, values };
}

function sameRow(row: number): number {
  return row;
}

/** Rows 0, 2, 4 … of each head first, then 1, 3, 5 … */
function unpairedRow(headSize: number): (row: number) => number {
  return (row) => {
    const inHead = row % headSize;
    const half = headSize / 2;
    return row - inHead + (inHead < half ? inHead * 2 : (inHead - half) * 2 + 1);
  };
}

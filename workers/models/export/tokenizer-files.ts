import type { GgufFile } from "./gguf-file";
import type { LlamaShape } from "./llama-graph";

/** `tokenizer.ggml.token_type`. Source: llama.h. */
const controlToken = 3;
const userDefinedToken = 4;

/** llama.cpp's pattern for the pre-tokenizer `qwen2`. Source: llama-vocab.cpp. */
const qwen2Pattern =
  "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** The JSON files beside the graph, by name, as transformers writes them. Errors: an `Error` for another tokenizer. */
export function modelFiles(file: GgufFile, shape: LlamaShape): Record<string, unknown> {
  const { metadata } = file;
  const pre = metadata.get("tokenizer.ggml.pre");
  if (metadata.get("tokenizer.ggml.model") !== "gpt2" || pre !== "qwen2") {
    throw new Error(`The tokenizer ${metadata.get("tokenizer.ggml.model")}/${pre} is not exported.`);
  }
  const tokens = metadata.get("tokenizer.ggml.tokens") as string[];
  const merges = metadata.get("tokenizer.ggml.merges") as string[];
  const types = metadata.get("tokenizer.ggml.token_type") as number[];
  const bos = metadata.get("tokenizer.ggml.bos_token_id") as number;
  const eos = metadata.get("tokenizer.ggml.eos_token_id") as number;
  const added = tokens.flatMap((content, id) => {
    const type = types[id];
    if (type !== controlToken && type !== userDefinedToken) return [];
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
    return [{ id, content, ...flags, special: type === controlToken }];
  });
  return {
    "config.json": {
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      bos_token_id: bos,
      eos_token_id: eos,
      hidden_act: "silu",
      hidden_size: shape.width,
      intermediate_size: shape.feedForward,
      max_position_embeddings: shape.contextLength,
      num_attention_heads: shape.heads,
      num_hidden_layers: shape.layers,
      num_key_value_heads: shape.keyValueHeads,
      head_dim: shape.headSize,
      rms_norm_eps: Number(shape.normEpsilon.toPrecision(6)),
      rope_theta: shape.ropeBase,
      tie_word_embeddings: !file.tensors.has("output.weight"),
      vocab_size: shape.vocabulary,
    },
    "generation_config.json": { bos_token_id: bos, eos_token_id: eos },
    "tokenizer_config.json": {
      tokenizer_class: "PreTrainedTokenizerFast",
      bos_token: tokens[bos],
      eos_token: tokens[eos],
      add_bos_token: metadata.get("tokenizer.ggml.add_bos_token") === true,
      model_max_length: shape.contextLength,
      clean_up_tokenization_spaces: false,
      chat_template: metadata.get("tokenizer.chat_template"),
    },
    "tokenizer.json": {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          { type: "Split", pattern: { Regex: qwen2Pattern }, behavior: "Isolated", invert: false },
          { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
        ],
      },
      post_processor: null,
      decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: "",
        end_of_word_suffix: "",
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges,
      },
    },
  };
}

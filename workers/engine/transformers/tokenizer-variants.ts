/**
 * Changed copies of a `tokenizer.json`. A prompt is tokenized in parts: text of a user that looks like a control token
 * must stay text, and only the first part may get the space that some tokenizers put before whatever they are given.
 */

type Json = Readonly<Record<string, unknown>>;

/** Control tokens are not recognised. Other added tokens, such as `<think>`, still are. */
export function withoutControlTokens(tokenizer: Json): Json {
  const added = tokenizer["added_tokens"];
  if (!Array.isArray(added)) return tokenizer;
  return {
    ...tokenizer,
    added_tokens: added.filter((token) => !isObject(token) || token["special"] !== true),
  };
}

/** No space is put before a text. */
export function withoutPrefixSpace(tokenizer: Json): Json {
  return {
    ...tokenizer,
    pre_tokenizer: withoutPrefix(tokenizer["pre_tokenizer"]),
    normalizer: withoutPrefix(tokenizer["normalizer"]),
  };
}

function withoutPrefix(part: unknown): unknown {
  if (!isObject(part)) return part;
  switch (part["type"]) {
    case "Sequence": {
      const [key] = ["pretokenizers", "normalizers"].filter((name) => Array.isArray(part[name]));
      if (key === undefined) return part;
      const parts = (part[key] as unknown[]).map(withoutPrefix).filter((one) => one !== null);
      return { ...part, [key]: parts };
    }
    case "Metaspace":
      return { ...part, prepend_scheme: "never", add_prefix_space: false };
    case "ByteLevel":
      return { ...part, add_prefix_space: false };
    // The normalizer that older conversions of SentencePiece have for the same end.
    case "Prepend":
      return null;
    default:
      return part;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

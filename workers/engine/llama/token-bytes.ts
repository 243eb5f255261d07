import { type LlamaModel, LlamaVocabularyType, type Token } from "node-llama-cpp";
import { fromByteLevel, fromSentencePiece } from "../byte-level";

/**
 * UTF-8 bytes of single tokens. Detokenizing one alone loses them where a token is a part of a character, so they are read
 * from the vocabulary's own spelling.
 */
export function tokenBytes(model: LlamaModel, token: number): number[] {
  const spelling = model.fileInfo.metadata.tokenizer?.ggml?.tokens?.[token];
  const attributes = model.getTokenAttributes(token as Token);
  if (spelling === undefined || attributes.control || attributes.userDefined) {
    return utf8(model.detokenize([token as Token], true));
  }
  if (model.vocabularyType === LlamaVocabularyType.bpe) return fromByteLevel(spelling) ?? utf8(spelling);
  return fromSentencePiece(spelling);
}

function utf8(text: string): number[] {
  return [...Buffer.from(text)];
}

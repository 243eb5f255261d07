import { AppError } from "@/lib/errors";
import type { SampledLogprob } from "../types";
import { unitVector } from "../unit-vector";

/** The mock's tokens: a word and the space after it, or a run of space. Ids are hashes, so they need no vocabulary. */
export class MockTokens {
  /** Texts of the ids that were given out; an id says nothing about its text by itself. */
  readonly #texts = new Map<number, string>();

  tokenize(text: string): number[] {
    return (text.match(/\S+\s*|\s+/g) ?? []).map((piece) => this.idOf(piece));
  }

  /** Errors: `invalid_request` for an id that `tokenize` has not given out. */
  detokenize(tokens: readonly number[]): string {
    return tokens.map((token) => this.#textOf(token)).join("");
  }

  idOf(piece: string): number {
    const id = hash(piece);
    if (this.#texts.size < maxTexts) this.#texts.set(id, piece);
    return id;
  }

  #textOf(token: number): string {
    const text = this.#texts.get(token);
    if (text !== undefined) return text;
    throw new AppError("invalid_request", {
      message: `The token id ${token} is not in the vocabulary.`,
      param: "prompt",
    });
  }
}

/** What each piece is given: itself most likely, and further tokens that are ever less so. */
export function mockLogprob(piece: string, top: number): SampledLogprob {
  const alternatives = Array.from({ length: Math.max(0, top - 1) }, (_, index) =>
    entry(`alternative-${index + 1}`, -3 - index),
  );
  const own = entry(piece, -0.1);
  return { ...own, top: top === 0 ? [] : [own, ...alternatives] };
}

/** Counts the tokens by the rest of their ids: texts that share words are near each other. */
export function mockVector(tokens: readonly number[]): number[] {
  const counts = Array.from({ length: 8 }, () => 0);
  for (const token of tokens) counts[token % counts.length] = (counts[token % counts.length] ?? 0) + 1;
  return unitVector(counts);
}

const maxTexts = 10_000;

function entry(token: string, logprob: number) {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}

/** FNV-1a, 29 bits: ids have at most nine digits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 3;
}

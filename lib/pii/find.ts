import type { PiiKind } from "@/lib/protocol";

/** A part of a text: UTF-16 code units from `start` up to, not including, `end`. */
export type Find = { kind: PiiKind; start: number; end: number };

/** One rule: what it finds in a text that {@link normalize} has made. It may look at every character a bounded number of times. */
export type Finder = (text: string) => Iterable<Find>;

/**
 * Full-width forms and wide spaces as their plain ones, unit for unit, so that places stay what they are. Chinese texts write
 * numbers, colons and @ in either form.
 */
export function normalize(text: string): string {
  return text.replace(/[\uFF01-\uFF5E\u3000\u00A0\u2007\u202F]/g, (character) => {
    const code = character.charCodeAt(0);
    return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : " ";
  });
}

const wordCharacter = /[A-Za-z0-9_]/;

/** Whether a word, a number or a name goes on before `start` or after `end`. */
export function isInsideWord(text: string, start: number, end: number): boolean {
  return wordCharacter.test(text[start - 1] ?? "") || wordCharacter.test(text[end] ?? "");
}

/** The characters before a place, as many as a rule looks back for the words that explain a number. */
export function before(text: string, start: number, length = 32): string {
  return text.slice(Math.max(0, start - length), start);
}

export function* matches(
  text: string,
  pattern: RegExp,
): Generator<{ start: number; end: number; match: RegExpExecArray }> {
  for (const match of text.matchAll(pattern))
    yield { start: match.index, end: match.index + match[0].length, match };
}

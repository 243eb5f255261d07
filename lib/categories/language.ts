import { detectAll } from "tinyld";
import { outsideCode } from "./style";

/** More text makes the answer no better, only slower (about 4 ms a thousand characters). */
const maxCharacters = 400;
/** Fewer letters say too little in an alphabet; two are enough where each is a word or a syllable. */
const minLetters = { alphabet: 8, syllables: 2 } as const;
/** The first guess must be this likely, and this much likelier than the second. */
const minAccuracy = 0.1;
const minLead = 1.5;

/**
 * The language of what a person wrote: ISO 639-1, or 639-3 where there is no shorter code; null where it cannot be told.
 * Code blocks, inline code, addresses and formulas are left out.
 */
export function detectLanguage(text: string): string | null {
  const prose = outsideCode(text.slice(0, 20_000))
    .join("\n")
    .replace(/`[^`\n]*`|https?:\/\/\S+|\$[^$\n]*\$/g, " ")
    .slice(0, maxCharacters)
    // Cutting may leave half a character.
    .replace(/[\uD800-\uDBFF]$/, "");
  const syllables = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
  const isSyllabic = (prose.match(syllables)?.length ?? 0) >= minLetters.syllables;
  if (!isSyllabic && (prose.match(/\p{L}/gu)?.length ?? 0) < minLetters.alphabet) return null;
  const [first, second] = detectAll(prose);
  if (first === undefined || first.accuracy < minAccuracy) return null;
  if (second !== undefined && first.accuracy < minLead * second.accuracy) return null;
  return /^[a-z]{2,3}$/.test(first.lang) ? first.lang : null;
}

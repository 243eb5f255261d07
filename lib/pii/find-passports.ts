import { type Finder, matches } from "./find";

/** A passport's number after a word that says so. Chinese ones say more by their shape: a word is enough for them. */
const stated =
  /(?:护照|passport)(?:(?:号码?|编号| ?(?:no\b\.?|nr\b\.?|num(?:ber)?\b|#|id\b))? ?(?::|=|\bis\b|是|为) ?|(?:号码?|编号| (?:no\b\.?|nr\b\.?|number\b|#)) ?|[ ]?(?=[DEGPS][A-Z]?\d{7,8}(?![A-Za-z0-9])))([A-Za-z0-9]{7,9})(?![\w-])/gi;

/** Numbers of passports: seven to nine letters and digits, mostly digits (ICAO Doc 9303 allows nine). */
export const findPassports: Finder = function* (text) {
  for (const { end, match } of matches(text, stated)) {
    const number = match[1] ?? "";
    if (isNumber(number)) yield { kind: "passport", start: end - number.length, end };
  }
};

function isNumber(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  return digits.length >= 5 && new Set(digits).size > 1;
}

import { hasLuhnDigit, ibanLength, isChineseId, isIban } from "./check-digits";
import { digitGroups, joined } from "./digit-groups";
import { before, type Finder, isInsideWord, matches } from "./find";

/** First digits and lengths of the schemes in use; a number that has neither is no card whatever its check digit. */
const cardSchemes =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d{2}|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|5\d{2}|4[4-9]\d)\d{12}|62\d{14,17}|81\d{14,17})$/;

/** How a card's number is grouped. */
const cardShape = /^(?:1[3-9]|4-4-4-4|4-6-5|4-6-4|4-4-4-4-3|6-1[0-3])$/;

/** Numbers of payment cards: a scheme's length and beginning, Luhn's check digit, and a grouping that cards have. */
export const findCards: Finder = function* (text) {
  const groups = digitGroups(text);
  let free = 0;
  for (const [index, group] of groups.entries()) {
    if (group.start < free || (group.gap !== null && /[.]/.test(group.gap))) continue;
    const row = joined(groups, index, 19);
    for (let count = row.length; count > 0; count -= 1) {
      const part = row.slice(0, count);
      const gaps = new Set(part.slice(1).map(({ gap }) => gap));
      const end = part.at(-1)?.end ?? group.end;
      const digits = part.map((each) => each.digits).join("");
      if (gaps.size > 1 || [...gaps].some((gap) => gap !== " " && gap !== "-")) continue;
      if (!cardShape.test(part.map((each) => each.digits.length).join("-")) || !cardSchemes.test(digits))
        continue;
      if (!hasLuhnDigit(digits) || isInsideWord(text, group.start, end)) continue;
      if (/[.]\d/.test(text.slice(end, end + 2)) || new Set(digits).size < 2) continue;
      yield { kind: "card", start: group.start, end };
      free = end;
      break;
    }
  }
};

/** Account numbers (IBAN), in one piece or in groups of four. */
export const findIbans: Finder = function* (text) {
  let free = 0;
  for (const { start } of matches(text, /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ A-Za-z0-9])/g)) {
    const length = ibanLength(text.slice(start, start + 2).toUpperCase());
    if (length === null || start < free) continue;
    let compact = "";
    let end = start;
    while (end < text.length && compact.length < length) {
      const character = text[end] ?? "";
      if (/[A-Za-z0-9]/.test(character)) compact += character.toUpperCase();
      else if (character !== " " || compact.length % 4 !== 0) break;
      end += 1;
    }
    if (!isIban(compact) || isInsideWord(text, start, end)) continue;
    yield { kind: "iban", start, end };
    free = end;
  }
};

/** Numbers of Chinese residents, by their check digit and day of birth. */
export const findChineseIds: Finder = function* (text) {
  for (const { start, end, match } of matches(text, /(?<![A-Za-z0-9_.])\d{17}[\dXx](?![A-Za-z0-9_])/g)) {
    if (isChineseId(match[0])) yield { kind: "cn_id", start, end };
  }
};

const ssnWord = /(?:ssn|social security(?: number)?)[.:#]? ?(?:is|was|=|:|#)? ?$/i;

/** US social security numbers: with hyphens, or after a word that says so. Areas that were never given out are none. */
export const findSsns: Finder = function* (text) {
  const pattern = /(?<![\w.-])(?!000|666|9)\d{3}([- ]?)(?!00)\d{2}\1(?!0000)\d{4}(?![\w-]|\.\d)/g;
  for (const { start, end, match } of matches(text, pattern)) {
    if (match[1] === "-" || ssnWord.test(before(text, start))) yield { kind: "ssn", start, end };
  }
};

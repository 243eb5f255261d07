import { type DigitGroup, digitGroups, joined } from "./digit-groups";
import { before, type Find, type Finder } from "./find";

const maxDigits = 15;

/** Words after which a number is one to call. */
const phoneWord =
  /(?:phone|tel|telephone|mobile|cell|whatsapp|fax|(?:call|ring) me(?: at| on)?|text me(?: at| on)?|reach me at|电话|手机|座机|手机号|号码|联系方式|微信|拨打|致电)(?: ?(?:number|no|号|号码))?[.:]? ?(?:is|are|was|=|:|是|为|#)? ?[("']?\+?$/i;

/**
 * Telephone numbers: international ones (E.164, with + or 00), Chinese mobile and fixed lines, British and North American ones in
 * their usual forms, and any other after a word that says so.
 */
export const findPhones: Finder = function* (text) {
  const groups = digitGroups(text);
  let free = 0;
  for (const [index, group] of groups.entries()) {
    if (group.start < free) continue;
    const found = phoneAt(text, joined(groups, index, maxDigits));
    if (found === null) continue;
    yield found;
    free = found.end;
  }
};

function phoneAt(text: string, row: readonly DigitGroup[]): Find | null {
  const [first] = row;
  if (first === undefined) return null;
  const hasOpening = text[first.start - 1] === "(";
  const plus = first.start - 1 - (hasOpening ? 1 : 0);
  const isInternational = text[plus] === "+";
  const start = isInternational ? plus : hasOpening ? first.start - 1 : first.start;
  if (/[A-Za-z0-9_]/.test(text[start - 1] ?? "")) return null;
  // A decimal, a date or a range goes on before it.
  if (/\d[.,/:-]$/.test(before(text, start, 2))) return null;
  const hasWord = phoneWord.test(before(text, start));
  for (let count = row.length; count > 0; count -= 1) {
    const part = row.slice(0, count);
    const last = part.at(-1);
    if (last === undefined || /\w/.test(text[last.end] ?? "")) continue;
    if (/^[.,:]\d/.test(text.slice(last.end, last.end + 2))) continue;
    if (isPhone(part, isInternational, hasWord)) return { kind: "phone", start, end: last.end };
  }
  return null;
}

function isPhone(row: readonly DigitGroup[], isInternational: boolean, hasWord: boolean): boolean {
  const digits = row.map((group) => group.digits).join("");
  const shape = row.map((group) => group.digits.length).join("-");
  const gaps = row.slice(1).map((group) => group.gap ?? "");
  if (gaps.some((gap) => gap.includes("/"))) return false;
  const isPlain = gaps.every((gap) => gap === " " || gap === "-");
  if (isInternational) return /^[1-9]\d{7,14}$/.test(digits) && (row.length > 1 || digits.length >= 9);
  if (
    /^(?:0086|86)?1[3-9]\d{9}$/.test(digits) &&
    isPlain &&
    /^(?:[42]-)?(?:11|13|15|3-4-4|3-8|4-3-4)$/.test(shape)
  ) {
    return true;
  }
  // What stands in the middle of a longer row of digits is no number of its own.
  const isWhole = row[0]?.gap === null;
  if (/^00[1-9]\d{7,12}$/.test(digits) && row.length > 1 && isWhole) return true;
  if (isPlain && isWhole && isBritish(digits, shape)) return true;
  // Area code and number of a Chinese fixed line.
  if (
    /^0(?:10|2\d|[3-9]\d{2})$/.test(row[0]?.digits ?? "") &&
    isWhole &&
    /^(?:3-8|3-4-4|4-7|4-8|4-3-4|4-4-4)$/.test(shape)
  ) {
    return gaps.every((gap) => /^(?:[-–]|\) ?|\)-|)$/.test(gap)) || hasWord;
  }
  // North American numbering plan: neither the area code nor the exchange begins with 0 or 1.
  if (/^1?[2-9]\d{2}[2-9]\d{6}$/.test(digits) && /^(?:1-)?3-3-4$/.test(shape)) {
    const [inner] = gaps.slice(-1);
    return (
      gaps.every((gap) => /^(?:[-. –]|\) ?|\)-| \()$/.test(gap)) &&
      (inner !== " " || hasWord || gaps[0]?.startsWith(")") === true)
    );
  }
  return hasWord && digits.length >= 7 && new Set(digits).size > 1;
}

/** Digits in groups as British numbers are written, mobile and geographic (Ofcom's National Telephone Numbering Plan). */
function isBritish(digits: string, shape: string): boolean {
  if (/^07[1-9]\d{8}$/.test(digits)) return /^(?:11|5-6|5-3-3|4-3-4)$/.test(shape);
  if (/^02[03489]\d{8}$/.test(digits)) return shape === "3-4-4";
  if (/^01(?:1\d|\d1)\d{7}$/.test(digits) && shape === "4-3-4") return true;
  return /^01\d{8,9}$/.test(digits) && /^5-(?:[56]|3-[23])$/.test(shape);
}

/** What an answer is held against; the names are those of workers/models/eval200.json. */
export const checkKinds = [
  "lastnum",
  "has",
  "exact",
  "exacti",
  "lastline",
  "bullets",
  "numbered",
  "table",
  "upper",
  "code",
] as const;
export type CheckKind = (typeof checkKinds)[number];
export type Check = { kind: CheckKind; expected: string };

/**
 * Whether an answer is right:
 *
 * - `lastnum`: its last whole number is the expected one (minus signs count, separators of thousands do not).
 * - `has`: the expected text occurs as words of their own, in any case.
 * - `exact`, `exacti`: it is the expected text; the second in any case and with or without a full stop.
 * - `lastline`: its last line is the expected text, with or without a full stop.
 * - `bullets`, `numbered`: so many items of a list, the numbers in order from 1.
 * - `table`: a Markdown table with each of the texts between `|` in a row of its own.
 * - `upper`: letters, and none of them lower-case.
 * - `code`: a fenced block that contains the expected text.
 */
export function passes({ kind, expected }: Check, answer: string): boolean {
  const text = answer.trim();
  const lines = text.split("\n").map((line) => line.trim());
  switch (kind) {
    case "lastnum":
      return (
        text
          .replace(/(?<=\d),(?=\d{3})/g, "")
          .match(/(?<!\d)-?\d+/g)
          ?.at(-1) === expected
      );
    case "has":
      return hasWords(text, expected);
    case "exact":
      return text === expected;
    case "exacti":
      return withoutStop(text).toLowerCase() === expected.toLowerCase();
    case "lastline":
      return withoutStop(lines.at(-1) ?? "") === expected;
    case "bullets":
      return lines.filter((line) => /^[-*•] \S/.test(line)).length === Number(expected);
    case "numbered": {
      const numbers = lines.flatMap((line) => /^(\d+)[.)] \S/.exec(line)?.[1] ?? []);
      return numbers.length === Number(expected) && numbers.every((number, at) => Number(number) === at + 1);
    }
    case "table": {
      const rows = lines.filter((line) => /^\|.*\|$/.test(line));
      const isRuled = rows.some((row) => /^\|[\s:|-]+\|$/.test(row) && row.includes("-"));
      const places = expected.split("|").map((word) => rows.findIndex((row) => hasWords(row, word)));
      return isRuled && !places.includes(-1) && new Set(places).size === places.length;
    }
    case "upper":
      return /\p{L}/u.test(text) && text === text.toUpperCase();
    case "code":
      return [...text.matchAll(/```[^\n]*\n([\s\S]*?)```/g)].some(([, code]) => code?.includes(expected));
  }
}

function withoutStop(text: string): string {
  return text.replace(/[.。!]$/, "").trim();
}

/** Word borders that hold for every script: no letter or digit beside the text. */
function hasWords(text: string, words: string): boolean {
  const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "iu").test(text);
}

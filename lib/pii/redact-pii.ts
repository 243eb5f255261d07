import { findPii } from "./find-pii";

/** What a text says instead: `[email]`, `[phone]` … */
const markOf = (kind: string): string => `[${kind}]`;

/**
 * The text with its finds replaced by what they were. Nothing is found in the result, so that redacting it again changes
 * nothing: a mark may bring a number closer to a word that explains it, and then that number goes too. Each round leaves less.
 */
export function redactPii(text: string): { text: string; count: number } {
  let count = 0;
  let result = text;
  for (;;) {
    const finds = findPii(result);
    if (finds.length === 0) return { text: result, count };
    count += finds.length;
    let from = 0;
    const parts: string[] = [];
    for (const { kind, start, end } of finds) {
      parts.push(result.slice(from, start), markOf(kind));
      from = end;
    }
    result = parts.join("") + result.slice(from);
  }
}

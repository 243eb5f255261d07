import { z } from "zod";

/** A model name, or a pattern of names in which `*` stands for any characters, none included. */
export const namePatternSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\p{L}\p{N}._:/@+*-]+$/u, "letters, digits and . _ : / @ + - only, and * for any characters");

export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, name));
}

/**
 * Upper and lower case differ. Takes time in proportion to pattern × name whatever the pattern, which a regular
 * expression with several `.*` would not.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  let position = 0;
  let at = 0;
  let starAt = -1;
  let starPosition = 0;
  while (position < name.length) {
    if (pattern[at] === "*") {
      starAt = at++;
      starPosition = position;
    } else if (at < pattern.length && pattern[at] === name[position]) {
      at++;
      position++;
    } else if (starAt >= 0) {
      // The last star takes one character more.
      at = starAt + 1;
      position = ++starPosition;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

import type { z } from "zod";

/** A text that this tab has kept; null where there is none, or storage is forbidden. */
export function readKept(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a text for this tab, over a reload; an empty one is forgotten. */
export function keepText(key: string, value: string): void {
  try {
    if (value === "") sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // Storage is forbidden or full: the text then lives as long as the page.
  }
}

/** The same for JSON; null too where an older version of the page has written something else. */
export function readKeptJson<T>(key: string, schema: z.ZodType<T>): T | null {
  const text = readKept(key);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

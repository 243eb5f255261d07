import { z } from "zod";

/**
 * The categories of votes. `overall` holds every vote; what the others hold is decided by the rules in
 * `lib/categories`. A language is `lang_` and its ISO 639-1 code (639-3 where there is none).
 */
export const namedCategories = [
  "overall",
  "exclude_ties",
  "exclude_refusal",
  "first_turn",
  "multi_turn",
  "long_prompt",
  "hard_prompt",
  "code",
  "math",
  "creative_writing",
] as const;
export type NamedCategory = (typeof namedCategories)[number];
export type LanguageCategory = `lang_${string}`;
export type Category = NamedCategory | LanguageCategory;

const languagePattern = /^lang_[a-z]{2,3}$/;

export const categorySchema = z.custom<Category>(
  (value) =>
    typeof value === "string" &&
    ((namedCategories as readonly string[]).includes(value) || languagePattern.test(value)),
  "not a category: a name, or lang_ with a language's code",
);

/** The language code of a language's category; null for the others. */
export function categoryLanguage(category: string): string | null {
  return languagePattern.test(category) ? category.slice("lang_".length) : null;
}

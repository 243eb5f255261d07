import type { Locale } from "@/lib/i18n";
import { en } from "./en";
import { categories, type SuggestionGroup } from "./types";
import { zh } from "./zh";

const byLocale = { en, zh };

/** Six categories of three prompts in the visitor's language. Runs on the server: the page gets one set, not four. */
export function suggestionsFor(locale: Locale, isDemoOnly: boolean): SuggestionGroup[] {
  const { labels, demoLabels, general, demo } = byLocale[locale];
  return categories.map((category) => ({
    category,
    label: (isDemoOnly ? demoLabels : labels)[category],
    suggestions: (isDemoOnly ? demo : general)[category],
  }));
}

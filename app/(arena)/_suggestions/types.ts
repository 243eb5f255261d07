/** In the order of the page: two rows of three. */
export const categories = ["writing", "code", "mathematics", "reasoning", "translation", "everyday"] as const;
export type Category = (typeof categories)[number];

/** A row shows the title; choosing it puts the complete prompt into the composer. */
export type Suggestion = { title: string; prompt: string };

export type SuggestionGroup = { category: Category; label: string; suggestions: readonly Suggestion[] };

export type SuggestionSet = Record<Category, readonly [Suggestion, Suggestion, Suggestion]>;

export type LocaleSuggestions = {
  labels: Record<Category, string>;
  general: SuggestionSet;
  /** Of the kinds that the bundled demo models have learnt; anything else gets nonsense from them. */
  demo: SuggestionSet;
  demoLabels: Record<Category, string>;
};

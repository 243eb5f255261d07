import type { Category, Outcome } from "@/lib/protocol";
import { detectLanguage } from "./language";
import { isRefusal } from "./refusal";
import { addStyles, countStyle, type Style } from "./style";
import { isAboutCode, isAboutMath, isCreative, isHard, isLong } from "./topics";

/** Raised with every change that may put a vote into other categories; stored with each vote. */
export const categoryRules = 1;

/** What a voter had before them: the shown turns, in order. */
export type BattleText = {
  outcome: Outcome;
  turns: readonly { prompt: string; a: string; b: string }[];
};

export type VoteFacts = {
  rulesVersion: number;
  /** ISO code of the prompts' language; null where it cannot be told. */
  language: string | null;
  /** Sorted; without `overall`, which holds every vote. */
  categories: Category[];
  style: { a: Style; b: Style };
};

/**
 * The categories of a vote and the style of both sides. `exclude_ties`: a side was preferred. `exclude_refusal`: neither
 * side declined to answer. `first_turn`: one turn; `multi_turn`: more. `long_prompt`: a prompt of 500 tokens or more.
 * `code`, `math`, `creative_writing`, `hard_prompt`: see `topics`; some prompt is of that kind. `lang_…`: the language of
 * all prompts together.
 */
export function categorize({ outcome, turns }: BattleText): VoteFacts {
  const prompts = turns.map((turn) => turn.prompt);
  const some = (isIt: (prompt: string) => boolean): boolean => prompts.some(isIt);
  const language = detectLanguage(prompts.join("\n\n"));
  const answers = turns.flatMap(({ a, b }) => [a, b]);
  const holds: Record<string, boolean> = {
    exclude_ties: outcome === "a" || outcome === "b",
    exclude_refusal: !answers.some(isRefusal),
    first_turn: turns.length === 1,
    multi_turn: turns.length > 1,
    long_prompt: some(isLong),
    hard_prompt: some(isHard),
    code: some(isAboutCode),
    math: some(isAboutMath),
    creative_writing: some(isCreative),
  } satisfies Partial<Record<Category, boolean>>;
  const categories = Object.keys(holds).filter((name) => holds[name]) as Category[];
  if (language !== null) categories.push(`lang_${language}`);
  return {
    rulesVersion: categoryRules,
    language,
    categories: categories.sort(),
    style: {
      a: addStyles(turns.map(({ a }) => countStyle(a))),
      b: addStyles(turns.map(({ b }) => countStyle(b))),
    },
  };
}

import { RatingError } from "./errors";
import type { Outcome } from "./types";

/**
 * Chance of each outcome of one battle, as the board held it before the vote. They sum to one. Where `both_bad` is 0
 * (tie models that know one kind of tie), both kinds of tie are one outcome with the chance `tie`.
 */
export type OutcomeChances = Record<Outcome, number>;

/**
 * Ways of voting that are not an opinion on the two answers.
 *
 * - `uniform`: every button with the same chance.
 * - `contrarian`: the board's chances with the two winners exchanged.
 * - `all_ties`: a tie of either kind, in the board's proportion.
 * - `one_side_a`, `one_side_b`: always the same side.
 * - `favours`: one model wins whenever it takes part.
 */
export type AnomalyKind = "uniform" | "contrarian" | "all_ties" | "one_side_a" | "one_side_b" | "favours";

export const FIXED_KINDS = [
  "uniform",
  "contrarian",
  "all_ties",
  "one_side_a",
  "one_side_b",
] as const satisfies readonly AnomalyKind[];

export type EvidenceOptions = {
  /**
   * Share of honest votes within each alternative, in (0, 1): the likelihood ratio of a vote never falls below it, so
   * that a bot is found although it errs. Default 0.1.
   */
  honestShare?: number;
  /**
   * `evidence` (default): how often a voter calls a tie counts. `ignored`: only who won among decided votes counts,
   * against the board's chance of that; voters may then differ in their use of the tie buttons as much as they like,
   * and `all_ties` is never found.
   */
  ties?: "evidence" | "ignored";
};

/** The chances that count, brought to the outcomes that are told apart. */
type Reduced = { seen: number; chances: readonly [a: number, b: number, tie: number, bothBad: number] };

/**
 * What one vote has to say: P(outcome | the way of voting) / P(outcome | board), for each of `FIXED_KINDS` in order
 * and for favouring the model on side A or on side B. Each has the expectation 1 under the board's chances, whatever
 * they are.
 *
 * @returns undefined for a vote without a say (a tie, where ties are ignored)
 * @throws RatingError `bad_argument` for chances that are no distribution, or an outcome held impossible
 */
export function likelihoodRatios(
  outcome: Outcome,
  chances: OutcomeChances,
  options: EvidenceOptions = {},
): { fixed: number[]; favoursA: number; favoursB: number } | undefined {
  const { honestShare = 0.1, ties = "evidence" } = options;
  if (!(honestShare > 0 && honestShare < 1)) {
    throw new RatingError("bad_argument", "honestShare must lie between 0 and 1", { honestShare });
  }
  checkChances(chances);
  const isTie = outcome === "tie" || outcome === "both_bad";
  if (ties === "ignored" && isTie) return undefined;
  const { seen, chances: q } = reduce(outcome, chances, ties);
  const board = q[seen] as number;
  if (!(board > 0)) {
    throw new RatingError("bad_argument", `the board held the outcome ${outcome} impossible`);
  }
  const ratio = (alternative: readonly number[]): number =>
    honestShare + ((1 - honestShare) * (alternative[seen] as number)) / board;
  const [a, b, tie, bothBad] = q;
  const possible = q.filter((chance) => chance > 0).length;
  const allTies = tie + bothBad;
  const fixed = [
    ratio(q.map((chance) => (chance > 0 ? 1 / possible : 0))),
    // A winner held impossible makes the exchange impossible too: its chance would have nowhere to come from.
    a > 0 && b > 0 ? ratio([b, a, tie, bothBad]) : 1,
    allTies > 0 ? ratio([0, 0, tie / allTies, bothBad / allTies]) : 1,
    a > 0 ? ratio([1, 0, 0, 0]) : 1,
    b > 0 ? ratio([0, 1, 0, 0]) : 1,
  ];
  return { fixed, favoursA: fixed[3] as number, favoursB: fixed[4] as number };
}

function reduce(outcome: Outcome, chances: OutcomeChances, ties: "evidence" | "ignored"): Reduced {
  if (ties === "ignored") {
    const decided = chances.a + chances.b;
    return { seen: outcome === "a" ? 0 : 1, chances: [chances.a / decided, chances.b / decided, 0, 0] };
  }
  const isOneTie = chances.both_bad === 0;
  const index = { a: 0, b: 1, tie: 2, both_bad: isOneTie ? 2 : 3 }[outcome];
  return { seen: index, chances: [chances.a, chances.b, chances.tie, chances.both_bad] };
}

function checkChances({ a, b, tie, both_bad: bothBad }: OutcomeChances): void {
  const isDistribution = Math.min(a, b, tie, bothBad) >= 0 && Math.abs(a + b + tie + bothBad - 1) < 1e-9;
  if (!isDistribution) {
    throw new RatingError("bad_argument", "the chances of the outcomes must be ≥ 0 and sum to one", {
      chances: [a, b, tie, bothBad],
    });
  }
}

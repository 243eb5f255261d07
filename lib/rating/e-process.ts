import {
  type AnomalyKind,
  type EvidenceOptions,
  FIXED_KINDS,
  likelihoodRatios,
  type OutcomeChances,
} from "./anomalies";
import { RatingError } from "./errors";
import type { Outcome } from "./types";

export type VoterTestOptions = EvidenceOptions & {
  /**
   * Prior chance that a voter who turns, turns at the first vote. The rest is spread over later votes at `turnRate`
   * each, so that an account which first earned trust is found too. Default 0.5.
   */
  startShare?: number;
  /** Of what is left before a vote, the share that turns at it. Default 0.02. */
  turnRate?: number;
};

/**
 * All that is known of a voter: plain numbers, so that it can be stored as JSON between votes. Natural logarithms;
 * −1e308 stands for ln 0.
 */
export type VoterEvidence = {
  votes: number;
  /** ln of the e-value now. Its mean under the board is at most 1 at any time that does not look ahead. */
  logE: number;
  /** Largest `logE` so far: flag when it reaches ln(1/α). */
  peakLogE: number;
  /** ln of the prior share that has not turned yet. */
  logWaiting: number;
  /** ln of what has turned, by `FIXED_KINDS`. */
  logFixed: number[];
  /** The same for favouring a model, by model, for the models that the voter has met. */
  logFavours: [model: number, log: number][];
};

export type VoterVote = {
  /** Model on side A and on side B, 0 … m − 1. */
  a: number;
  b: number;
  outcome: Outcome;
  /** The board's chances for this battle, known before the vote. */
  chances: OutcomeChances;
};

const LOG_ZERO = -1e308;

/** Half of the prior is shared by the fixed ways of voting, half by the models that may be favoured. */
const FIXED_SHARE = 0.5;

/** A voter nobody has seen: e-value 1. */
export function startVoterEvidence(): VoterEvidence {
  return {
    votes: 0,
    logE: 0,
    peakLogE: 0,
    logWaiting: 0,
    logFixed: FIXED_KINDS.map(() => LOG_ZERO),
    logFavours: [],
  };
}

/**
 * Adds one vote to the evidence that a voter's votes are no opinions. The e-value is the likelihood ratio of a mixture
 * of alternatives against the board,
 *
 *   E_t = Σ_k w_k Σ_s π_s Π_{u = s … t} P_k(outcome_u) / P_board(outcome_u),
 *
 * k over ways of voting (w: half evenly over `FIXED_KINDS`, half evenly over the models as favourites), s over the
 * vote at which the voter turned (π: `startShare`, then geometric; s > t has ratio 1). Updated in the logarithm, in
 * O(models met) a vote.
 *
 * **Requirement.** `chances` must be the board's probabilities known before this vote was cast: a fit of earlier votes
 * only, never one that contains this vote or a later one. Then each ratio has the conditional expectation 1 given the
 * past if the voter votes as the board says, E_t is a martingale with mean 1, and by Ville's inequality P(E_t ≥ 1/α
 * for any t) ≤ α: look after every vote, stop whenever. Chances from a board that contains the vote make the test
 * blind to its voter; chances from a board that is wrong make honest voters look odd, since the test then finds what is
 * true: they do not vote as the board says. See `ties: "ignored"` for voters who differ in their use of ties.
 *
 * A flag is a reason to set votes aside and look, never to delete them.
 *
 * @param evidence before the vote; not changed
 * @param modelCount m, the number of models a voter may favour; keep it the same over a voter's life
 * @throws RatingError `bad_argument` for a model out of range, chances that are no distribution, an outcome held
 * impossible, a share out of (0, 1)
 * Source: Ville, Étude critique de la notion de collectif (1939); Ramdas, Grünwald, Vovk and Shafer, Game-theoretic
 * statistics and safe anytime-valid inference, Statist. Sci. 38 (2023); the mixture over turning points: Shiryaev,
 * Theory Probab. Appl. 8 (1963).
 */
export function updateVoterEvidence(
  evidence: VoterEvidence,
  modelCount: number,
  vote: VoterVote,
  options: VoterTestOptions = {},
): VoterEvidence {
  const { startShare = 0.5, turnRate = 0.02 } = options;
  const { a, b } = vote;
  const isModel = (model: number): boolean => Number.isInteger(model) && model >= 0 && model < modelCount;
  if (!isModel(a) || !isModel(b) || a === b) {
    throw new RatingError("bad_argument", "two different models are needed", { a, b, modelCount });
  }
  if (!(startShare > 0 && startShare < 1 && turnRate > 0 && turnRate < 1)) {
    throw new RatingError("bad_argument", "startShare and turnRate must lie between 0 and 1", {
      startShare,
      turnRate,
    });
  }
  const ratios = likelihoodRatios(vote.outcome, vote.chances, options);
  const turning = evidence.votes === 0 ? startShare : turnRate;
  const logTurning = evidence.logWaiting + Math.log(turning);
  const logWaiting = evidence.logWaiting + Math.log1p(-turning);
  const step = (log: number, ratio: number): number => addLogs(log, logTurning) + Math.log(ratio);

  const logFixed = evidence.logFixed.map((log, k) => step(log, ratios?.fixed[k] ?? 1));
  const favours = new Map(evidence.logFavours);
  for (const model of [a, b]) {
    // Of a model never met, all votes so far had the ratio 1: what has turned is what no longer waits.
    if (!favours.has(model)) favours.set(model, logComplement(evidence.logWaiting));
  }
  const logFavours = [...favours].map(([model, log]): [number, number] => {
    const ratio = model === a ? ratios?.favoursA : model === b ? ratios?.favoursB : 1;
    return [model, step(log, ratio ?? 1)];
  });

  const terms = [
    logWaiting,
    ...logFixed.map((log) => log + Math.log(FIXED_SHARE / FIXED_KINDS.length)),
    ...logFavours.map(([, log]) => log + Math.log((1 - FIXED_SHARE) / modelCount)),
  ];
  const unmet = modelCount - logFavours.length;
  if (unmet > 0) {
    terms.push(logComplement(logWaiting) + Math.log(((1 - FIXED_SHARE) * unmet) / modelCount));
  }
  const logE = terms.reduce(addLogs, LOG_ZERO);
  return {
    votes: evidence.votes + 1,
    logE,
    peakLogE: Math.max(evidence.peakLogE, logE),
    logWaiting,
    logFixed,
    logFavours,
  };
}

/**
 * What speaks loudest against a voter: the way of voting with the largest share of the evidence, for whoever reads a
 * flag. Null before the first vote.
 */
export function leadingAnomaly(
  evidence: VoterEvidence,
  modelCount: number,
): { kind: AnomalyKind; model: number | null; logE: number } | null {
  if (evidence.votes === 0) return null;
  const fixed = evidence.logFixed.map((log, k) => ({
    kind: FIXED_KINDS[k] as AnomalyKind,
    model: null as number | null,
    logE: log + Math.log(FIXED_SHARE / FIXED_KINDS.length),
  }));
  const favours = evidence.logFavours.map(([model, log]) => ({
    kind: "favours" as const,
    model,
    logE: log + Math.log((1 - FIXED_SHARE) / modelCount),
  }));
  return [...fixed, ...favours].reduce((best, item) => (item.logE > best.logE ? item : best));
}

/** Whether the evidence ever reached 1/α: wrong for at most a share α of honest voters, however often one looks. */
export function isFlagged(evidence: VoterEvidence, alpha: number): boolean {
  if (!(alpha > 0 && alpha < 1)) {
    throw new RatingError("bad_argument", "alpha must lie between 0 and 1", { alpha });
  }
  return evidence.peakLogE >= -Math.log(alpha);
}

/**
 * e-Benjamini–Hochberg: of n voters, flags the k with the largest e-values, k the largest number for which each of
 * them is at least n / (α·k). The expected share of honest voters among the flagged is at most α, however the voters
 * depend on each other.
 *
 * @param logE ln of the e-value of each voter **now** (`logE`, not `peakLogE`: the peak is no e-value)
 * @returns the flagged voters' places in `logE`, the strongest evidence first
 * @throws RatingError `bad_argument` when alpha is not in 0 … 1
 * Source: Wang and Ramdas, False discovery rate control with e-values, J. R. Statist. Soc. B 84 (2022).
 */
export function flagByEvidence(logE: ArrayLike<number>, alpha = 0.05): Int32Array {
  if (!(alpha > 0 && alpha < 1)) {
    throw new RatingError("bad_argument", "alpha must lie between 0 and 1", { alpha });
  }
  const n = logE.length;
  const order = Int32Array.from({ length: n }, (_, voter) => voter).sort(
    (x, y) => (logE[y] as number) - (logE[x] as number) || x - y,
  );
  for (let k = n; k > 0; k--) {
    if ((logE[order[k - 1] as number] as number) >= Math.log(n / (alpha * k))) return order.slice(0, k);
  }
  return new Int32Array(0);
}

/** ln(eˣ + eʸ). */
function addLogs(x: number, y: number): number {
  const larger = Math.max(x, y);
  if (larger <= LOG_ZERO) return LOG_ZERO;
  return larger + Math.log1p(Math.exp(Math.min(x, y) - larger));
}

/** ln(1 − eˣ) for x ≤ 0. */
function logComplement(x: number): number {
  return x === 0 ? LOG_ZERO : Math.log(-Math.expm1(x));
}

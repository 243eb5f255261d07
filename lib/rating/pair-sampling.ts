import { RatingError } from "./errors";
import { capOrganizations } from "./organization-cap";
import { type CandidatePairs, pairUsefulness } from "./pair-usefulness";
import type { Random } from "./random";
import type { Covariance } from "./types";

/** What the policy knows of the models 0 … m − 1. */
export type SamplingState = {
  /** Votes of each model; its length is m. */
  votes: ArrayLike<number>;
  /** The strengths of the rated models and their covariance, natural-logarithm units; null before any are rated. */
  rated: { models: ArrayLike<number>; beta: Float64Array; covariance: Covariance } | null;
  /** Models that can be drawn now, each once. Default all. */
  candidates?: readonly number[];
  /** Organization of each model, any number; −1 where unknown, each an organization of its own. Default all unknown. */
  organization?: ArrayLike<number>;
  /**
   * How readily each model is drawn, > 0 for candidates: every chance of a pair is multiplied by the weights of its two
   * models. Default all 1.
   */
  weights?: ArrayLike<number>;
};

export type SamplingOptions = {
  /** ε in (0, 1]: this share of draws is blind to what is known, so that no pair is ever impossible. Default 0.2. */
  floor?: number;
  /** Share, in 0 … 1, of draws above the floor that goes to models with few votes, while there are any. Default 0.3. */
  newcomerShare?: number;
  /** Votes from which on a model is no newcomer. Default 200. */
  newcomerVotes?: number;
  /**
   * Largest share of seats (two a battle) that one organization may expect, in (0, 1]. Where uniform draws already
   * give it more, because so many candidates are its own, that share is its cap. Default 1: no cap.
   */
  organizationCap?: number;
  /** Until there are so many votes a candidate, the base alone decides. Default 0. */
  uniformBelow?: number;
  /** How many places apart two models may stand and still share a rank boundary. Default 3. */
  window?: number;
};

/** Chances of all unordered pairs of candidates. */
export type PairPolicy = CandidatePairs & {
  /** `base`: there are too few votes to adapt to, or the floor is 1. */
  kind: "base" | "adaptive";
  /** Of each pair; sums to one. */
  probability: Float64Array;
  /** Running sums of `probability`. */
  cumulative: Float64Array;
};

export type DrawnPair = {
  /** Model on side A and on side B. */
  a: number;
  b: number;
  /** Probability with which the policy draws this ordered pair: what is stored with the battle. */
  probability: number;
};

/**
 * Chances of an adaptive policy over unordered pairs of candidates; sides are drawn by a fair coin afterwards:
 *
 *   P(ij) = ε·base_ij + (1 − ε)·C[w_i·w_j·((1 − ν)·useful_ij + ν·newcomer_ij) / Σ],  base_ij = w_i·w_j / Σ,
 *
 * with the weights w of the models, all 1 if not given (the base is then uniform), and C the caps per organization.
 * `useful` is proportional to what one more vote on the pair is expected to take off the variances of score
 * differences near rank boundaries, see `pairUsefulness`. `newcomer` is proportional to what the two models lack, Σ
 * max(0, 1 − votes / newcomerVotes); ν is `newcomerShare` times the largest lack of a candidate, so the boost fades as
 * votes come in. Where nothing is rated yet, `useful` is uniform. `floor` 1 is the base itself. Caps are enforced
 * on what lies above the floor, see `capOrganizations`.
 *
 * About window·m³/2 operations (tens of milliseconds for 130 models): make it once a refit and draw from it many times.
 *
 * @throws RatingError `bad_argument` for fewer than two candidates, an index out of range or twice, options out of
 * range, sizes that do not fit
 */
export function adaptivePolicy(state: SamplingState, options: SamplingOptions = {}): PairPolicy {
  const { newcomerShare = 0.3, newcomerVotes = 200, organizationCap = 1, window = 3 } = options;
  const { floor: wantedFloor = 0.2, uniformBelow = 0 } = options;
  const isShare = (value: number): boolean => value >= 0 && value <= 1;
  if (
    !(isShare(wantedFloor) && wantedFloor > 0 && isShare(newcomerShare) && newcomerVotes > 0) ||
    !(isShare(organizationCap) && organizationCap > 0 && Number.isInteger(window) && window > 0) ||
    !(uniformBelow >= 0)
  ) {
    throw new RatingError("bad_argument", "an option of the sampling policy is out of range", {
      ...{ floor: wantedFloor, newcomerShare, newcomerVotes, organizationCap, uniformBelow, window },
    });
  }
  const candidates = checkedCandidates(state);
  const pairs = pairsAmong(candidates);
  // Each vote has two models.
  const total = Array.from(state.votes).reduce((sum, votes) => sum + votes, 0) / 2;
  const floor = total < uniformBelow * candidates.length ? 1 : wantedFloor;
  const tilt = pairWeights(state.weights, pairs);
  const base = normalised(tilt);
  const useful = normalised(pairUsefulness(state.rated, state.votes.length, pairs, window));
  const lack = Float64Array.from(state.votes, (votes) => Math.max(0, 1 - votes / newcomerVotes));
  const boost = newcomerShare * candidates.reduce((most, model) => Math.max(most, lack[model] as number), 0);
  const newcomer = normalised(
    Float64Array.from(pairs.i, (i, at) => (lack[i] as number) + (lack[pairs.j[at] as number] as number)),
  );
  const above = normalised(
    Float64Array.from(
      useful,
      (value, at) => (tilt[at] as number) * ((1 - boost) * value + boost * (newcomer[at] as number)),
    ),
  );
  const organization = state.organization ?? new Int32Array(state.votes.length).fill(-1);
  capOrganizations(above, pairs, candidates, organization, { base, floor, cap: organizationCap });
  const probability = above.map((value, at) => floor * (base[at] as number) + (1 - floor) * value);
  const cumulative = new Float64Array(probability.length);
  let sum = 0;
  probability.forEach((value, at) => {
    sum += value;
    cumulative[at] = sum;
  });
  return { ...pairs, kind: floor === 1 ? "base" : "adaptive", probability, cumulative };
}

/** The policy that draws every pair with the same chance, or as the weights alone say. Errors as {@link adaptivePolicy}. */
export function uniformPolicy(state: SamplingState): PairPolicy {
  return adaptivePolicy({ ...state, rated: null }, { floor: 1 });
}

/**
 * Draws an ordered pair: the pair by its chance, the sides by a fair coin, so an ordered pair has half the chance of
 * its pair. Takes two numbers from `random`. O(log pairs).
 */
export function drawPair(policy: PairPolicy, random: Random): DrawnPair {
  const { cumulative, probability } = policy;
  const last = cumulative.length - 1;
  // Rounding leaves the last sum a little beside one.
  const target = random() * (cumulative[last] as number);
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] as number) > target) high = middle;
    else low = middle + 1;
  }
  const i = policy.i[low] as number;
  const j = policy.j[low] as number;
  const isSwapped = random() < 0.5;
  return { a: isSwapped ? j : i, b: isSwapped ? i : j, probability: (probability[low] as number) / 2 };
}

function checkedCandidates({ votes, rated, candidates, organization, weights }: SamplingState): number[] {
  const m = votes.length;
  const isModel = (model: number): boolean => Number.isInteger(model) && model >= 0 && model < m;
  const drawn = candidates === undefined ? Array.from({ length: m }, (_, k) => k) : [...candidates];
  if (!drawn.every(isModel) || new Set(drawn).size !== drawn.length || drawn.length < 2) {
    throw new RatingError("bad_argument", "two candidates are needed at least, each a model, none twice", {
      candidates: drawn,
    });
  }
  const models = rated === null ? [] : Array.from(rated.models);
  const size = rated?.covariance.size ?? 0;
  if (!models.every(isModel) || models.length !== (rated?.beta.length ?? 0) || models.length !== size) {
    throw new RatingError("bad_argument", "the rated models, their β and covariance do not fit", { size });
  }
  if (organization !== undefined && organization.length !== m) {
    throw new RatingError("bad_argument", "one organization a model is needed", {
      organizations: organization.length,
    });
  }
  const isWeight = (model: number): boolean => {
    const weight = weights?.[model] ?? 0;
    return weight > 0 && weight < Number.POSITIVE_INFINITY;
  };
  if (weights !== undefined && !(weights.length === m && drawn.every(isWeight))) {
    throw new RatingError("bad_argument", "one weight a model is needed, above zero for what can be drawn", {
      weights: weights.length,
    });
  }
  for (let model = 0; model < m; model++) {
    if (!((votes[model] as number) >= 0)) {
      throw new RatingError("bad_argument", "votes of a model must not be negative", { model });
    }
  }
  return drawn.sort((x, y) => x - y);
}

function pairsAmong(candidates: readonly number[]): CandidatePairs {
  const c = candidates.length;
  const i = new Int32Array((c * (c - 1)) / 2);
  const j = new Int32Array(i.length);
  let at = 0;
  for (let x = 0; x < c; x++) {
    for (let y = x + 1; y < c; y++) {
      i[at] = candidates[x] as number;
      j[at++] = candidates[y] as number;
    }
  }
  return { i, j };
}

/** w_i·w_j of each pair. */
function pairWeights(weights: ArrayLike<number> | undefined, pairs: CandidatePairs): Float64Array {
  const of = (model: number): number => weights?.[model] ?? 1;
  return Float64Array.from(pairs.i, (i, at) => of(i) * of(pairs.j[at] as number));
}

/** Scaled to sum one; even where all are zero. */
function normalised(values: Float64Array): Float64Array {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => (sum > 0 ? value / sum : 1 / values.length));
}

import { fitBoard } from "./board";
import { RatingError } from "./errors";
import type { LoggedBattle } from "./inverse-propensity";
import { addOutcome, emptyPairCounts } from "./pair-counts";
import { drawPair, type PairPolicy, type SamplingState } from "./pair-sampling";
import { type Random, seededRandom } from "./random";
import { byStrength } from "./rank";
import { POINTS_PER_BETA } from "./score";
import { davidsonProbabilities } from "./tie-probabilities";
import { type PairCounts, Z_95 } from "./types";

export type SamplingSimulation = {
  /** True strengths, natural-logarithm units. */
  beta: readonly number[];
  /** True readiness to tie, Davidson's ν. Default 0.5: one vote in five between equals. */
  nu?: number;
  /** Makes the chances from what is known; called before the first vote and after each refit. */
  policy: (state: SamplingState) => PairPolicy;
  /** Votes to simulate. */
  votes: number;
  /** Votes between two refits, and between two points. Default 100. */
  refitEvery?: number;
  organization?: readonly number[];
  /** Vote at which each model enters. Default 0, from the start; two models at least must be there then. */
  entersAt?: readonly number[];
  seed: number;
  /** Stops the simulation between two refits: it then throws the signal's reason. */
  signal?: AbortSignal;
};

export type SimulationPoint = {
  votes: number;
  /** Models with a score. */
  rated: number;
  /** Mean half-width of the 95 % intervals of the scores of rated models, points; null before there are any. */
  halfWidth: number | null;
  /** Share of pairs of models that the board has in their true order; a pair without two scores counts ½. */
  orderAccuracy: number;
  /** Share of pairs of true neighbours that the board separates at 95 %, the right way round. */
  neighboursSeparated: number;
};

export type SimulationResult = {
  points: SimulationPoint[];
  /** Every battle with its propensity, for estimates that undo the sampling. */
  battles: LoggedBattle[];
};

/**
 * What a sampling policy buys: draws pairs by the policy, votes by Davidson's model of the true strengths, refits the
 * board by Bradley–Terry, and says after each refit how well the board knows the truth. The same seed gives the same
 * simulation everywhere. Costs a board fit and a policy every `refitEvery` votes.
 *
 * @throws RatingError `bad_argument` for fewer than two models, or lengths and numbers that do not fit
 */
export function simulateSampling(simulation: SamplingSimulation): SimulationResult {
  const {
    beta,
    nu = 0.5,
    policy,
    votes,
    refitEvery = 100,
    organization,
    entersAt,
    seed,
    signal,
  } = simulation;
  const m = beta.length;
  const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;
  if (m < 2 || !isCount(votes) || !isCount(refitEvery) || !(nu >= 0) || !beta.every(Number.isFinite)) {
    throw new RatingError("bad_argument", "two strengths, a number of votes and ν ≥ 0 are needed", {
      ...{ models: m, votes, refitEvery, nu },
    });
  }
  if (entersAt !== undefined && entersAt.length !== m) {
    throw new RatingError("bad_argument", "one entry a model is needed", { entries: entersAt.length });
  }
  const random = seededRandom(seed);
  const counts = new Map<number, PairCounts>();
  const votesOf = new Float64Array(m);
  const battles: LoggedBattle[] = [];
  const points: SimulationPoint[] = [];
  let rated: SamplingState["rated"] = null;
  while (battles.length < votes) {
    signal?.throwIfAborted();
    const candidates = beta.flatMap((_, model) =>
      (entersAt?.[model] ?? 0) <= battles.length ? [model] : [],
    );
    const chances = policy({ votes: votesOf, rated, candidates, organization });
    const until = Math.min(battles.length + refitEvery, votes);
    while (battles.length < until) {
      const { a, b, probability } = drawPair(chances, random);
      const outcome = vote(beta[a] as number, beta[b] as number, nu, random);
      const key = Math.min(a, b) * m + Math.max(a, b);
      counts.set(key, addOutcome(counts.get(key) ?? emptyPairCounts(a, b), a, outcome));
      votesOf[a] = (votesOf[a] as number) + 1;
      votesOf[b] = (votesOf[b] as number) + 1;
      battles.push({ a, b, points: outcome === "a" ? 1 : outcome === "b" ? 0 : 0.5, probability });
    }
    rated = ratedStrengths(m, [...counts.values()]);
    points.push(look(beta, rated, battles.length));
  }
  return { points, battles };
}

/** Votes after which a share first stays reached until the end; null when it is not. */
export function votesToReach(
  points: readonly SimulationPoint[],
  measure: "orderAccuracy" | "neighboursSeparated",
  share: number,
): number | null {
  const last = points.findLastIndex((point) => point[measure] < share);
  return points[last + 1]?.votes ?? null;
}

/** The strengths of the models that votes can rate, in natural-logarithm units, as a sampling policy takes them. */
export function ratedStrengths(modelCount: number, pairs: readonly PairCounts[]): SamplingState["rated"] {
  const { rated } = fitBoard(modelCount, pairs);
  if (rated === null) return null;
  const { size, values } = rated.scores.covariance;
  const covariance = { size, values: values.map((value) => value / POINTS_PER_BETA ** 2) };
  return { models: rated.models, beta: rated.fit.beta, covariance };
}

function vote(betaA: number, betaB: number, nu: number, random: Random): "a" | "b" | "tie" {
  const { winI, winJ } = davidsonProbabilities(Math.exp(betaA), Math.exp(betaB), nu);
  const draw = random();
  if (draw < winI) return "a";
  return draw < winI + winJ ? "b" : "tie";
}

function look(beta: readonly number[], rated: SamplingState["rated"], votes: number): SimulationPoint {
  const m = beta.length;
  const place = new Int32Array(m).fill(-1);
  for (let at = 0; at < (rated?.models.length ?? 0); at++) place[rated?.models[at] as number] = at;
  const size = rated?.covariance.size ?? 0;
  const variance = (x: number, y: number): number => rated?.covariance.values[x * size + y] ?? 0;
  const strength = (model: number): number => rated?.beta[place[model] as number] ?? Number.NaN;

  let right = 0;
  for (let i = 0; i < m; i++) {
    for (let j = i + 1; j < m; j++) {
      const seen = Math.sign(strength(i) - strength(j));
      if (Number.isNaN(seen) || seen === 0) right += 0.5;
      else if (seen === Math.sign((beta[i] as number) - (beta[j] as number))) right++;
    }
  }
  const order = byStrength(Float64Array.from(beta));
  let separated = 0;
  for (let at = 0; at + 1 < m; at++) {
    const upper = order[at] as number;
    const lower = order[at + 1] as number;
    const [x, y] = [place[upper] as number, place[lower] as number];
    if (x < 0 || y < 0) continue;
    const error = Math.sqrt(Math.max(variance(x, x) + variance(y, y) - 2 * variance(x, y), 0));
    if (strength(upper) - strength(lower) > Z_95 * error) separated++;
  }
  let width = 0;
  for (let x = 0; x < size; x++) width += Z_95 * Math.sqrt(Math.max(variance(x, x), 0));
  return {
    votes,
    rated: size,
    halfWidth: size === 0 ? null : (POINTS_PER_BETA * width) / size,
    orderAccuracy: right / ((m * (m - 1)) / 2),
    neighboursSeparated: separated / (m - 1),
  };
}

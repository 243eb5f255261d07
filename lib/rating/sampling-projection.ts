import { RatingError } from "./errors";
import type { PairPolicy, SamplingState } from "./pair-sampling";
import { byStrength } from "./rank";
import { ratedStrengths } from "./sampling-simulator";
import { POINTS_PER_BETA } from "./score";
import { type PairCounts, Z_95 } from "./types";

export type SamplingProjection = {
  /** Models are 0 … modelCount − 1. */
  modelCount: number;
  /** The votes there are. */
  pairs: readonly PairCounts[];
  /** Makes the chances from what is known; called before the first vote to come and after each refit. */
  policy: (state: Pick<SamplingState, "votes" | "rated">) => PairPolicy;
  /** Votes to come, > 0. */
  votes: number;
  /** Refits on the way, each with one point of the result. Default 12. */
  steps?: number;
};

export type ProjectionPoint = {
  /** Votes to come that have come. */
  votes: number;
  /** Models with a score. */
  rated: number;
  /** Mean half-width of the 95 % intervals of the rated models, points; null before there are any. */
  halfWidth: number | null;
  /** Pairs of neighbours by score that are separated at 95 %, of `rated` − 1. */
  separated: number;
};

export type SamplingProjectionResult = {
  /** The board as it is, then after each step. */
  points: ProjectionPoint[];
  /** Expected further votes of each model: length modelCount. */
  votes: Float64Array;
  /** Expected further votes of each pair that may be drawn, i < j. */
  pairs: { i: number; j: number; votes: number }[];
  /** Half-width of each model's 95 % interval, points, now and at the end; null without a score. */
  halfWidth: { before: (number | null)[]; after: (number | null)[] };
};

/**
 * What a sampling policy would bring from here on, in expectation: each step adds to every pair its chance times the
 * votes of the step, in the outcomes that the present scores promise, and refits the board. No random numbers: the
 * same question has the same answer. Where `simulateSampling` asks how often a policy finds a known truth, this asks
 * what the next votes do to this board.
 *
 * A vote on i against j is expected to give p = 1/(1 + e^(β_j − β_i)) points to i, with the β of now (zero, an average
 * model, for one without a score), of which ties 4·t·p·(1 − p), t being the board's share of ties, at most ½. So the
 * expected votes leave β where it is, and intervals narrow as the sandwich has it.
 *
 * A generator, so that whoever runs it can stop between steps: it yields each point as it is found, and returns all. A
 * step costs a board fit and a policy.
 *
 * @throws RatingError `bad_argument` for numbers out of range; errors of `fitBoard` and of the policy
 */
export function* projectSampling({
  modelCount,
  pairs,
  policy,
  votes,
  steps = 12,
}: SamplingProjection): Generator<ProjectionPoint, SamplingProjectionResult> {
  if (!(votes > 0 && votes < Number.POSITIVE_INFINITY && Number.isInteger(steps) && steps > 0)) {
    throw new RatingError("bad_argument", "votes to come and a whole number of steps are needed", {
      ...{ votes, steps },
    });
  }
  const counts = new Map<number, PairCounts>();
  const votesOf = new Float64Array(modelCount);
  let tied = 0;
  let total = 0;
  pairs.forEach((pair, row) => {
    // Each row by itself: rows of one pair are added up by the fit.
    counts.set(-1 - row, pair);
    const size = pair.winI + pair.winJ + pair.tie + pair.bothBad;
    votesOf[pair.i] = (votesOf[pair.i] as number) + size;
    votesOf[pair.j] = (votesOf[pair.j] as number) + size;
    tied += pair.tie + pair.bothBad;
    total += size;
  });
  const tieShare = Math.min(total === 0 ? 0 : tied / total, 0.5);
  let rated = ratedStrengths(modelCount, pairs);
  const beta = new Float64Array(modelCount);
  for (let at = 0; at < (rated?.models.length ?? 0); at++)
    beta[rated?.models[at] as number] = rated?.beta[at] as number;

  const before = halfWidths(modelCount, rated);
  const points = [look(rated, 0)];
  yield points[0] as ProjectionPoint;
  const further = new Float64Array(modelCount);
  const drawn = new Map<number, { i: number; j: number; votes: number }>();
  for (let step = 1; step <= steps; step++) {
    const chances = policy({ votes: votesOf, rated });
    chances.probability.forEach((chance, at) => {
      const i = chances.i[at] as number;
      const j = chances.j[at] as number;
      const share = (chance * votes) / steps;
      const p = 1 / (1 + Math.exp((beta[j] as number) - (beta[i] as number)));
      const tie = 4 * tieShare * p * (1 - p);
      const key = i * modelCount + j;
      const known = counts.get(key) ?? { i, j, winI: 0, winJ: 0, tie: 0, bothBad: 0 };
      counts.set(key, {
        ...known,
        winI: known.winI + share * (p - tie / 2),
        winJ: known.winJ + share * (1 - p - tie / 2),
        tie: known.tie + share * tie,
      });
      const pair = drawn.get(key) ?? { i, j, votes: 0 };
      pair.votes += share;
      drawn.set(key, pair);
      for (const model of [i, j]) {
        votesOf[model] = (votesOf[model] as number) + share;
        further[model] = (further[model] as number) + share;
      }
    });
    rated = ratedStrengths(modelCount, [...counts.values()]);
    const point = look(rated, (votes * step) / steps);
    points.push(point);
    yield point;
  }
  return {
    points,
    votes: further,
    pairs: [...drawn.values()],
    halfWidth: { before, after: halfWidths(modelCount, rated) },
  };
}

function halfWidths(modelCount: number, rated: SamplingState["rated"]): (number | null)[] {
  const widths = Array.from({ length: modelCount }, (): number | null => null);
  const { size, values } = rated?.covariance ?? { size: 0, values: new Float64Array(0) };
  for (let at = 0; at < size; at++) {
    const variance = Math.max(values[at * size + at] as number, 0);
    widths[rated?.models[at] as number] = POINTS_PER_BETA * Z_95 * Math.sqrt(variance);
  }
  return widths;
}

function look(rated: SamplingState["rated"], votes: number): ProjectionPoint {
  if (rated === null) return { votes, rated: 0, halfWidth: null, separated: 0 };
  const { size, values } = rated.covariance;
  const variance = (x: number, y: number): number => values[x * size + y] as number;
  const order = byStrength(rated.beta);
  let separated = 0;
  let width = 0;
  for (let at = 0; at < size; at++) {
    width += Math.sqrt(Math.max(variance(at, at), 0));
    if (at + 1 === size) break;
    const [x, y] = [order[at] as number, order[at + 1] as number];
    const error = Math.sqrt(Math.max(variance(x, x) + variance(y, y) - 2 * variance(x, y), 0));
    if ((rated.beta[x] as number) - (rated.beta[y] as number) > Z_95 * error) separated++;
  }
  return { votes, rated: size, halfWidth: (POINTS_PER_BETA * Z_95 * width) / size, separated };
}

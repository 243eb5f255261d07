import { describe, expect, it } from "vitest";
import { adaptivePolicy, uniformPolicy } from "./pair-sampling";
import { seededRandom } from "./random";
import {
  type ProjectionPoint,
  projectSampling,
  type SamplingProjection,
  type SamplingProjectionResult,
} from "./sampling-projection";
import { simulateSampling } from "./sampling-simulator";
import { codeOf, simulateVotes } from "./test-support";

function project(projection: SamplingProjection): SamplingProjectionResult {
  const steps = projectSampling(projection);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

const beta = [0.9, 0.8, 0.1, 0, -0.7, -1.1];
const board = (votesEach: number, seed: number) => simulateVotes(beta, votesEach, 0.2, seededRandom(seed));
const uniform = { modelCount: 6, policy: uniformPolicy, steps: 5 };

describe("projectSampling", () => {
  it("shares the votes to come out as the policy's chances say", () => {
    const { votes, pairs } = project({ ...uniform, pairs: board(50, 1), votes: 1_500 });
    expect(pairs).toHaveLength(15);
    for (const pair of pairs) expect(pair.votes).toBeCloseTo(100, 9);
    for (const count of votes) expect(count).toBeCloseTo(500, 9);
  });

  it("leaves scores where they are and narrows intervals as 1 / √votes", () => {
    const pairs = board(100, 2);
    const { halfWidth, points } = project({ ...uniform, pairs, votes: 3 * 1_500 });
    halfWidth.before.forEach((before, model) => {
      // Not exactly: the votes that there are scatter more, or less, than expected ones.
      const ratio = (before ?? 0) / (halfWidth.after[model] ?? 1);
      expect(Math.abs(ratio / 2 - 1)).toBeLessThan(0.06);
    });
    expect(points.map((point) => point.votes)).toEqual([0, 900, 1_800, 2_700, 3_600, 4_500]);
  });

  it("tells beforehand what a simulation of random votes finds on average", () => {
    // The simulated board at 3,000 votes is projected to 9,000 and compared with the simulation's own 9,000.
    const policy = (state: Parameters<typeof adaptivePolicy>[0]) =>
      adaptivePolicy(state, { floor: 0.3, newcomerShare: 0 });
    const seeds = [1, 2, 3, 4];
    let promised = 0;
    let found = 0;
    const seats = { promised: 0, found: 0 };
    for (const seed of seeds) {
      const run = simulateSampling({ beta, policy, votes: 9_000, refitEvery: 500, seed });
      const early = run.battles.slice(0, 3_000).map(({ a, b, points }) => ({
        ...{ i: a, j: b, winI: Number(points === 1), winJ: Number(points === 0) },
        ...{ tie: Number(points === 0.5), bothBad: 0 },
      }));
      const projected = project({ modelCount: 6, pairs: early, policy, votes: 6_000, steps: 12 });
      promised += projected.points.at(-1)?.halfWidth ?? 0;
      found += run.points.at(-1)?.halfWidth ?? 0;
      seats.promised += projected.votes[0] ?? 0;
      seats.found += run.battles.slice(3_000).filter(({ a, b }) => a === 0 || b === 0).length;
    }
    expect(promised / found).toBeCloseTo(1, 1);
    expect(Math.abs(seats.promised / seats.found - 1)).toBeLessThan(0.2);
  });

  it("gives a model of more weight more votes and a narrower interval", () => {
    const pairs = board(50, 3);
    const plain = project({ ...uniform, pairs, votes: 2_000 });
    const weights = [1, 1, 1, 1, 1, 4];
    const heavy = project({
      ...{ ...uniform, pairs, votes: 2_000 },
      policy: (state) => adaptivePolicy({ ...state, weights }, { floor: 1, newcomerShare: 0 }),
    });
    expect(heavy.votes[5]).toBeGreaterThan(1.5 * (plain.votes[5] ?? 0));
    expect(heavy.halfWidth.after[5]).toBeLessThan(plain.halfWidth.after[5] ?? 0);
  });

  it("rates a newcomer without votes once it has expected ones", () => {
    const { halfWidth, points } = project({ ...uniform, modelCount: 7, pairs: board(50, 4), votes: 700 });
    expect(halfWidth.before[6]).toBeNull();
    expect(halfWidth.after[6]).toBeGreaterThan(0);
    expect(points[0]?.rated).toBe(6);
    expect(points.at(-1)?.rated).toBe(7);
  });

  it("can be stopped between steps, and begins from no votes at all", () => {
    const seen: ProjectionPoint[] = [];
    for (const point of projectSampling({ ...uniform, pairs: [], votes: 60_000, steps: 1_000 })) {
      seen.push(point);
      if (seen.length === 3) break;
    }
    expect(seen.map(({ rated }) => rated)).toEqual([0, 6, 6]);
  });

  it("refuses numbers out of range", () => {
    for (const bad of [{ votes: 0 }, { votes: Number.POSITIVE_INFINITY }, { steps: 0 }, { steps: 1.5 }]) {
      const pairs = board(5, 5);
      expect(codeOf(() => project({ ...uniform, pairs, votes: 10, ...bad }))).toBe("bad_argument");
    }
  });
});

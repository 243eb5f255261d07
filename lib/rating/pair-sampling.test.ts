import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { differenceError, modelCovariance } from "./covariance";
import {
  adaptivePolicy,
  drawPair,
  type PairPolicy,
  type SamplingState,
  uniformPolicy,
} from "./pair-sampling";
import { pairUsefulness } from "./pair-usefulness";
import { seededRandom } from "./random";
import { codeOf, simulateVotes } from "./test-support";

/** A state as a board of simulated votes leaves it; the last `unrated` models have no score. */
function stateOf(beta: number[], unrated: number, seed: number): SamplingState {
  const fit = fitBradleyTerry(beta.length, simulateVotes(beta, 40, 0.2, seededRandom(seed)));
  const m = beta.length + unrated;
  return {
    votes: Array.from({ length: m }, (_, k) => (k < beta.length ? 40 * (beta.length - 1) : k % 3)),
    rated: { models: beta.map((_, k) => k), beta: fit.beta, covariance: modelCovariance(fit) },
  };
}

const chanceOf = (policy: PairPolicy, x: number, y: number): number => {
  const at = policy.i.findIndex((i, k) => i === Math.min(x, y) && policy.j[k] === Math.max(x, y));
  return policy.probability[at] ?? 0;
};

const seatsOf = (policy: PairPolicy, isOwn: (model: number) => boolean): number =>
  policy.probability.reduce(
    (sum, chance, at) =>
      sum + (chance / 2) * (Number(isOwn(policy.i[at] ?? -1)) + Number(isOwn(policy.j[at] ?? -1))),
    0,
  );

const states = fc
  .record({
    beta: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 7 }),
    unrated: fc.integer({ min: 0, max: 3 }),
    seed: fc.integer(),
    organizations: fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 10, maxLength: 10 }),
    isOut: fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
    weights: fc.option(
      fc.array(fc.double({ min: 0.05, max: 20, noNaN: true }), { minLength: 10, maxLength: 10 }),
      { nil: undefined },
    ),
  })
  .map(({ beta, unrated, seed, organizations, isOut, weights }) => {
    const state = stateOf(beta, unrated, seed);
    const all = Array.from({ length: state.votes.length }, (_, k) => k);
    const left = all.filter((k) => !isOut[k]);
    return {
      ...state,
      candidates: left.length < 2 ? all : left,
      organization: organizations.slice(0, state.votes.length),
      weights: weights?.slice(0, state.votes.length),
    };
  });
const settings = fc.record({
  floor: fc.double({ min: 0.01, max: 1, noNaN: true }),
  newcomerShare: fc.double({ min: 0, max: 1, noNaN: true }),
  newcomerVotes: fc.integer({ min: 1, max: 500 }),
  organizationCap: fc.double({ min: 0.05, max: 1, noNaN: true }),
  window: fc.integer({ min: 1, max: 4 }),
});

describe("adaptivePolicy", () => {
  it("sums to one over all pairs of candidates, above the floor, under the caps", () => {
    fc.assert(
      fc.property(states, settings, (state, options) => {
        const policy = adaptivePolicy(state, options);
        const { candidates, organization } = state;
        const base = adaptivePolicy(state, { floor: 1, newcomerShare: 0 });
        expect(policy.probability).toHaveLength((candidates.length * (candidates.length - 1)) / 2);
        expect(policy.probability.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 10);
        policy.probability.forEach((value, at) => {
          expect(value).toBeGreaterThanOrEqual(options.floor * (base.probability[at] ?? 1) * (1 - 1e-9));
        });
        for (const model of [...policy.i, ...policy.j]) expect(candidates).toContain(model);
        for (const model of candidates) {
          const isOwn = (other: number): boolean =>
            other === model || (organization[model] !== -1 && organization[other] === organization[model]);
          expect(seatsOf(policy, isOwn)).toBeLessThanOrEqual(
            Math.max(options.organizationCap, seatsOf(base, isOwn)) + 1e-9,
          );
        }
      }),
    );
  });

  it("does not depend on the numbers of the models", () => {
    fc.assert(
      fc.property(states, settings, (state, options) => {
        const m = state.votes.length;
        const turn = (model: number): number => m - 1 - model;
        const turned: SamplingState = {
          votes: Array.from(state.votes).reverse(),
          rated: state.rated && { ...state.rated, models: Array.from(state.rated.models, turn) },
          candidates: state.candidates.map(turn),
          organization: [...state.organization].reverse(),
          weights: state.weights && [...state.weights].reverse(),
        };
        // Without caps: where two organizations are equally far above theirs, the first one is scaled first.
        const policy = adaptivePolicy(state, { ...options, organizationCap: 1 });
        const other = adaptivePolicy(turned, { ...options, organizationCap: 1 });
        policy.probability.forEach((chance, at) => {
          const [i, j] = [policy.i[at] ?? -1, policy.j[at] ?? -1];
          expect(chanceOf(other, turn(i), turn(j))).toBeCloseTo(chance, 9);
        });
      }),
    );
  });

  it("draws neighbours whose order is open, and leaves alone what is settled", () => {
    // 0 and 1 are level, 2 and 3 as well; between the two pairs lies a gap that no vote is needed for.
    const state = stateOf([1.5, 1.45, -1.45, -1.5], 0, 3);
    const policy = adaptivePolicy(state, { floor: 0.1, newcomerShare: 0 });
    const open = chanceOf(policy, 0, 1) + chanceOf(policy, 2, 3);
    expect(open).toBeGreaterThan(0.5);
    for (const [x, y] of [
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
    ] as const) {
      expect(chanceOf(policy, x, y)).toBeLessThan(open / 4);
    }
  });

  it("boosts newcomers, and fades the boost as their votes come in", () => {
    const state = stateOf([0.5, 0.2, -0.1, -0.6], 1, 8);
    const seatsWith = (votes: number): number => {
      const known = { ...state, votes: [500, 500, 500, 500, votes] };
      return seatsOf(adaptivePolicy(known, { floor: 0.1, newcomerShare: 0.5 }), (model) => model === 4);
    };
    // Of ten pairs four have the newcomer: 0.1 uniform gives it 0.02, 0.9 · 0.5 the rest of its pairs' seats.
    expect(seatsWith(0)).toBeCloseTo(0.1 * 0.2 + 0.9 * 0.5 * 0.5, 10);
    expect(seatsWith(100)).toBeCloseTo(0.1 * 0.2 + 0.9 * 0.25 * 0.5, 10);
    expect(seatsWith(200)).toBeCloseTo(0.1 * 0.2, 10);
  });

  it("multiplies the chances of a model's pairs by its weight, whatever else decides them", () => {
    const state = stateOf([0.8, 0.7, 0, -0.9], 1, 5);
    const plain = adaptivePolicy(state);
    const tilted = adaptivePolicy({ ...state, weights: [1, 1, 3, 1, 0.5] });
    // Both the floor and what lies above it are scaled; only their two normalisations differ a little.
    const ratio = (x: number, y: number) => chanceOf(tilted, x, y) / chanceOf(plain, x, y);
    expect(ratio(0, 2) / ratio(0, 1)).toBeGreaterThan(2);
    expect(ratio(0, 2) / ratio(0, 1)).toBeLessThan(4);
    expect(ratio(0, 4)).toBeLessThan(ratio(0, 1));
    const blank = { votes: new Float64Array(3), rated: null, weights: [1, 1, 2] };
    const base = adaptivePolicy(blank, { floor: 1, newcomerShare: 0 });
    expect(chanceOf(base, 0, 1)).toBeCloseTo(1 / 5, 12);
    expect(chanceOf(base, 0, 2)).toBeCloseTo(2 / 5, 12);
  });

  it("is uniform before anything is known", () => {
    const blank = { votes: new Float64Array(5), rated: null };
    for (const policy of [adaptivePolicy(blank), uniformPolicy(stateOf([1, 0, -1, 0, 0], 0, 1))]) {
      for (const chance of policy.probability) expect(chance).toBeCloseTo(0.1, 12);
    }
  });

  it("holds a cap that needs the uniform draw to be mixed in", () => {
    // Everything useful is among the two models of organization 0.
    const state = { ...stateOf([0.02, -0.02], 3, 2), organization: [0, 0, 1, 2, 3] };
    const policy = adaptivePolicy(state, { floor: 0.05, newcomerShare: 0, organizationCap: 0.5 });
    expect(seatsOf(policy, (model) => model < 2)).toBeCloseTo(0.5, 9);
    expect(chanceOf(policy, 0, 1)).toBeGreaterThan(chanceOf(policy, 0, 2));
  });

  it("keeps its sums where the floor leaves next to nothing above it", () => {
    const state = { ...stateOf([0.1, -0.1], 2, 1), candidates: [0, 2, 3], organization: [0, 0, 0, 1] };
    const policy = adaptivePolicy(state, {
      floor: 0.999964751002407,
      newcomerShare: 0,
      organizationCap: 0.05,
    });
    for (const chance of policy.probability) expect(chance).toBeCloseTo(1 / 3, 9);
  });

  it("refuses what is out of range", () => {
    const state = stateOf([0, 0.5, 1], 0, 1);
    const of = (change: Partial<SamplingState>) => codeOf(() => adaptivePolicy({ ...state, ...change }));
    expect(of({ candidates: [1] })).toBe("bad_argument");
    expect(of({ candidates: [1, 1] })).toBe("bad_argument");
    expect(of({ candidates: [1, 3] })).toBe("bad_argument");
    expect(of({ organization: [1] })).toBe("bad_argument");
    expect(of({ votes: [1, -1, 1] })).toBe("bad_argument");
    expect(of({ votes: [1, 1] })).toBe("bad_argument");
    expect(of({ weights: [1, 1] })).toBe("bad_argument");
    expect(of({ weights: [1, 0, 1] })).toBe("bad_argument");
    expect(of({ candidates: [0, 2], weights: [1, 0, 1] })).toBe("nothing");
    for (const bad of [
      { floor: 0 },
      { floor: 1.1 },
      { newcomerShare: -0.1 },
      { newcomerVotes: 0 },
      { organizationCap: 0 },
      { window: 0.5 },
    ]) {
      expect(codeOf(() => adaptivePolicy(state, bad))).toBe("bad_argument");
    }
  });
});

describe("pairUsefulness", () => {
  it("is the fall of variance that a vote's information brings, by a fit with that vote", () => {
    const beta = [0.4, 0.1, 0, -0.5];
    const pairs = simulateVotes(beta, 50, 0, seededRandom(12));
    const fit = fitBradleyTerry(4, pairs);
    const covariance = modelCovariance(fit);
    const table = { i: Int32Array.of(0, 0, 0, 1, 1, 2), j: Int32Array.of(1, 2, 3, 2, 3, 3) };
    const rated = { models: [0, 1, 2, 3], beta: fit.beta, covariance };
    const useful = pairUsefulness(rated, 4, table, 1);
    const order = [...fit.beta.keys()].sort((x, y) => (fit.beta[y] ?? 0) - (fit.beta[x] ?? 0));
    useful.forEach((value, at) => {
      const [i, j] = [table.i[at] ?? -1, table.j[at] ?? -1];
      // One more vote that agrees with the fit moves no β, so only the information changes.
      const p = 1 / (1 + Math.exp((fit.beta[j] ?? 0) - (fit.beta[i] ?? 0)));
      const more = [...pairs, { i, j, winI: p, winJ: 1 - p, tie: 0, bothBad: 0 }];
      const after = modelCovariance(fitBradleyTerry(4, more));
      let expected = 0;
      for (let place = 0; place < 3; place++) {
        const [k, l] = [order[place] ?? -1, order[place + 1] ?? -1];
        const before = differenceError(covariance, k, l) ** 2;
        const gap = (fit.beta[k] ?? 0) - (fit.beta[l] ?? 0);
        expected += Math.exp(-(gap ** 2) / (2 * before)) * (before - differenceError(after, k, l) ** 2);
      }
      expect(value / expected).toBeCloseTo(1, 6);
    });
  });
});

describe("drawPair", () => {
  it("draws each ordered pair as often as it says", () => {
    const state = { ...stateOf([0.8, 0.7, 0, -0.9], 1, 5), organization: [0, 0, 1, 1, -1] };
    const policy = adaptivePolicy(state, { organizationCap: 0.45 });
    const random = seededRandom(4);
    const draws = 200_000;
    const seen = new Map<string, { count: number; probability: number }>();
    let isSteady = true;
    for (let draw = 0; draw < draws; draw++) {
      const { a, b, probability } = drawPair(policy, random);
      const cell = seen.get(`${a}-${b}`) ?? { count: 0, probability };
      isSteady &&= probability === cell.probability;
      cell.count++;
      seen.set(`${a}-${b}`, cell);
    }
    expect(isSteady).toBe(true);
    expect(seen.size).toBe(20);
    let total = 0;
    let chiSquared = 0;
    for (const { count, probability } of seen.values()) {
      total += probability;
      chiSquared += (count - draws * probability) ** 2 / (draws * probability);
    }
    expect(total).toBeCloseTo(1, 10);
    // 99.9 % point of 19 degrees of freedom.
    expect(chiSquared).toBeLessThan(43.8);
  });

  it("repeats with its seed, and never runs past the last pair", () => {
    const policy = uniformPolicy({ votes: [0, 0, 0], rated: null });
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 20 }, () => drawPair(policy, random));
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(drawPair(policy, () => 1 - 2 ** -53)).toMatchObject({ a: 1, b: 2 });
  });
});

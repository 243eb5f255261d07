import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { likelihoodRatios, type OutcomeChances } from "./anomalies";
import { fitDavidson } from "./davidson";
import {
  flagByEvidence,
  isFlagged,
  leadingAnomaly,
  startVoterEvidence,
  updateVoterEvidence,
  type VoterEvidence,
  type VoterTestOptions,
} from "./e-process";
import { type Random, seededRandom } from "./random";
import { codeOf, needsData, readData } from "./test-support";
import { davidsonProbabilities, groundedProbabilities } from "./tie-probabilities";
import type { Outcome } from "./types";
import { OUTCOMES } from "./vote-table";

const MODELS = 8;
const strengths = Array.from({ length: MODELS }, (_, k) => Math.exp((k - 2) / 2.5));

/** The board's chances for two models: four outcomes. */
function chancesOf(a: number, b: number): OutcomeChances {
  const { winI, winJ, tie, bothBad } = groundedProbabilities(strengths[a] ?? 1, strengths[b] ?? 1, 1.6);
  return { a: winI, b: winJ, tie, both_bad: bothBad };
}

function drawOutcome(chances: OutcomeChances, random: Random): Outcome {
  let left = random();
  for (const outcome of OUTCOMES) {
    left -= chances[outcome];
    if (left < 0) return outcome;
  }
  return "a";
}

type Manner = (a: number, b: number, chances: OutcomeChances, random: Random, vote: number) => Outcome;

const honest: Manner = (_a, _b, chances, random) => drawOutcome(chances, random);

function run(manner: Manner, votes: number, random: Random, options: VoterTestOptions = {}) {
  let evidence = startVoterEvidence();
  let flaggedAt: number | null = null;
  for (let vote = 1; vote <= votes; vote++) {
    const a = Math.floor(random() * MODELS);
    const b = (a + 1 + Math.floor(random() * (MODELS - 1))) % MODELS;
    const chances = chancesOf(a, b);
    const outcome = manner(a, b, chances, random, vote);
    evidence = updateVoterEvidence(evidence, MODELS, { a, b, outcome, chances }, options);
    if (flaggedAt === null && isFlagged(evidence, 0.01)) flaggedAt = vote;
  }
  return { evidence, flaggedAt };
}

describe("likelihoodRatios", () => {
  const anyChances = fc
    .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
    .chain((weights) => fc.constantFrom(weights, [...weights.slice(0, 3), 0]))
    .map((weights) => {
      const sum = weights.reduce((total, weight) => total + weight, 0);
      const [a = 0, b = 0, tie = 0, bothBad = 0] = weights.map((weight) => weight / sum);
      return { a, b, tie, both_bad: bothBad };
    });

  it("have the expectation 1 under the board, whatever its chances: the condition of Ville's bound", () => {
    fc.assert(
      fc.property(
        anyChances,
        fc.constantFrom("evidence" as const, "ignored" as const),
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        (chances, ties, honestShare) => {
          const mean = new Array(7).fill(0);
          for (const outcome of OUTCOMES) {
            if (chances[outcome] === 0) continue;
            const ratios = likelihoodRatios(outcome, chances, { ties, honestShare });
            const all = ratios ? [...ratios.fixed, ratios.favoursA, ratios.favoursB] : new Array(7).fill(1);
            all.forEach((ratio, k) => {
              mean[k] += chances[outcome] * ratio;
            });
          }
          for (const value of mean) expect(value).toBeCloseTo(1, 10);
        },
      ),
    );
  });

  it("are what the definitions say", () => {
    const chances = { a: 0.5, b: 0.2, tie: 0.2, both_bad: 0.1 };
    const { fixed } = likelihoodRatios("b", chances, { honestShare: 1e-9 }) ?? { fixed: [] };
    // Uniform ¼ / 0.2, contrarian 0.5 / 0.2, no tie, not A, always B.
    [1.25, 2.5, 0, 0, 5].forEach((ratio, k) => {
      expect(fixed[k]).toBeCloseTo(ratio, 6);
    });
    // Where the board knows one kind of tie, both buttons mean it, and there are three buttons.
    const three = { a: 0.5, b: 0.25, tie: 0.25, both_bad: 0 };
    const same = likelihoodRatios("both_bad", three);
    expect(same).toEqual(likelihoodRatios("tie", three));
    expect(same?.fixed[0]).toBeCloseTo(0.1 + 0.9 * (4 / 3), 12);
    expect(likelihoodRatios("tie", three, { ties: "ignored" })).toBeUndefined();
  });

  it("refuse chances that are none, and outcomes held impossible", () => {
    const of = (a: number, b: number, tie: number, bothBad: number) => () =>
      likelihoodRatios("a", { a, b, tie, both_bad: bothBad });
    expect(codeOf(of(0.5, 0.5, 0.5, 0))).toBe("bad_argument");
    expect(codeOf(of(-0.5, 1.5, 0, 0))).toBe("bad_argument");
    expect(codeOf(of(Number.NaN, 1, 0, 0))).toBe("bad_argument");
    expect(codeOf(of(0, 0.5, 0.5, 0))).toBe("bad_argument");
    expect(codeOf(() => likelihoodRatios("a", chancesOf(0, 1), { honestShare: 0 }))).toBe("bad_argument");
  });
});

describe("updateVoterEvidence", () => {
  it("is the mixture of its definition, summed term by term", () => {
    const random = seededRandom(6);
    const options = { startShare: 0.4, turnRate: 0.1, honestShare: 0.2 };
    const ratios: number[][] = [];
    let evidence = startVoterEvidence();
    for (let t = 0; t < 12; t++) {
      const a = Math.floor(random() * 5);
      const b = (a + 1 + Math.floor(random() * 4)) % 5;
      const chances = chancesOf(a, b);
      const outcome = drawOutcome(chances, random);
      evidence = updateVoterEvidence(evidence, MODELS, { a, b, outcome, chances }, options);
      const of = likelihoodRatios(outcome, chances, options);
      const favours = Array.from({ length: MODELS }, (_, model) =>
        model === a ? of?.favoursA : model === b ? of?.favoursB : 1,
      );
      ratios.push([...(of?.fixed ?? []), ...favours].map(Number));
      let expected = 0;
      for (let k = 0; k < 5 + MODELS; k++) {
        const weight = k < 5 ? 0.5 / 5 : 0.5 / MODELS;
        let waiting = 1;
        for (let s = 0; s <= t; s++) {
          const turns = waiting * (s === 0 ? 0.4 : 0.1);
          waiting -= turns;
          let product = 1;
          for (let u = s; u <= t; u++) product *= ratios[u]?.[k] ?? 1;
          expected += weight * turns * product;
        }
        expected += weight * waiting;
      }
      expect(Math.exp(evidence.logE)).toBeCloseTo(expected, 10);
    }
    // What is stored between two votes survives JSON.
    expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
    expect(JSON.parse(JSON.stringify(startVoterEvidence()))).toEqual(startVoterEvidence());
  });

  it("flags at most a share α of honest voters, looked at after each of 150 votes", () => {
    const random = seededRandom(1939);
    const voters = 1200;
    for (const ties of ["evidence", "ignored"] as const) {
      let flagged = 0;
      let mean = 0;
      for (let voter = 0; voter < voters; voter++) {
        const { evidence } = run(honest, 150, random, { ties });
        if (isFlagged(evidence, 0.05)) flagged++;
        mean += Math.exp(evidence.logE) / voters;
      }
      // Ville's bound is not tight.
      expect(flagged / voters).toBeLessThan(0.05);
      // The e-values are not idle: some honest voters come near, and their mean is that of a martingale.
      expect(flagged).toBeGreaterThan(0);
      expect(mean).toBeLessThan(1.2);
    }
  });

  it("keeps its bound for honest voters with tie habits of their own where ties are ignored, and only there", () => {
    const random = seededRandom(40);
    const tieLover: Manner = (_a, _b, chances, rng) => (rng() < 0.5 ? "tie" : drawOutcome(chances, rng));
    let ignored = 0;
    let counted = 0;
    for (let voter = 0; voter < 300; voter++) {
      if (run(tieLover, 100, random, { ties: "ignored" }).flaggedAt !== null) ignored++;
      if (run(tieLover, 100, random).flaggedAt !== null) counted++;
    }
    expect(ignored / 300).toBeLessThan(0.01 + 3 * Math.sqrt(0.01 / 300));
    expect(counted / 300).toBeGreaterThan(0.9);
  });

  const manners: [string, string, number, Manner][] = [
    ["clicks at random", "uniform", 150, (_a, _b, _c, random) => OUTCOMES[Math.floor(random() * 4)] ?? "a"],
    [
      "says the opposite",
      "contrarian",
      100,
      (_a, _b, chances, random) => {
        const outcome = drawOutcome(chances, random);
        return outcome === "a" ? "b" : outcome === "b" ? "a" : outcome;
      },
    ],
    ["always ties", "all_ties", 15, (_a, _b, _c, random) => (random() < 0.7 ? "tie" : "both_bad")],
    ["always clicks left", "one_side_a", 15, () => "a"],
    ["always clicks right", "one_side_b", 15, () => "b"],
    [
      "favours model 2",
      "favours",
      80,
      (a, b, chances, random) => (a === 2 ? "a" : b === 2 ? "b" : drawOutcome(chances, random)),
    ],
  ];
  it.each(manners)("finds a voter who %s, and says so (%s)", (_, kind, within, manner) => {
    const random = seededRandom(2718);
    const found: number[] = [];
    let named = 0;
    for (let voter = 0; voter < 100; voter++) {
      const { evidence, flaggedAt } = run(manner, 2 * within, random);
      if (flaggedAt !== null) found.push(flaggedAt);
      const leading = leadingAnomaly(evidence, MODELS);
      if (leading?.kind === kind && leading.model === (kind === "favours" ? 2 : null)) named++;
    }
    found.sort((x, y) => x - y);
    // Nine of ten at twice the number of votes that half of them need.
    expect(found.length).toBeGreaterThanOrEqual(90);
    expect(found[49]).toBeLessThan(within);
    expect(named).toBeGreaterThanOrEqual(90);
  });

  it("finds an account that was honest for 200 votes and then turned", () => {
    const random = seededRandom(14);
    let found = 0;
    for (let voter = 0; voter < 50; voter++) {
      const turned: Manner = (a, b, chances, rng, vote) =>
        vote > 200 ? "a" : honest(a, b, chances, rng, vote);
      const { flaggedAt } = run(turned, 230, random);
      if (flaggedAt !== null && flaggedAt > 200) found++;
    }
    expect(found).toBeGreaterThanOrEqual(47);
  });

  it("does not depend on how models are numbered, nor on sides for what has no side", () => {
    const random = seededRandom(9);
    let evidence = startVoterEvidence();
    let renamed = startVoterEvidence();
    let mirrored = startVoterEvidence();
    for (let vote = 0; vote < 60; vote++) {
      const a = Math.floor(random() * MODELS);
      const b = (a + 1 + Math.floor(random() * (MODELS - 1))) % MODELS;
      const chances = chancesOf(a, b);
      const outcome = drawOutcome(chances, random);
      evidence = updateVoterEvidence(evidence, MODELS, { a, b, outcome, chances });
      renamed = updateVoterEvidence(renamed, MODELS, {
        ...{ outcome, chances },
        ...{ a: MODELS - 1 - a, b: MODELS - 1 - b },
      });
      const turned = outcome === "a" ? "b" : outcome === "b" ? "a" : outcome;
      const turnedChances = { ...chances, a: chances.b, b: chances.a };
      mirrored = updateVoterEvidence(mirrored, MODELS, {
        ...{ a: b, b: a, outcome: turned, chances: turnedChances },
      });
    }
    expect(renamed.logE).toBeCloseTo(evidence.logE, 10);
    expect(mirrored.logE).toBeCloseTo(evidence.logE, 10);
  });

  it("does not overflow or lose itself over many votes", () => {
    const { evidence } = run(() => "a", 5000, seededRandom(1));
    expect(evidence.logE).toBeGreaterThan(2000);
    expect(Number.isFinite(evidence.logE)).toBe(true);
    expect(run(honest, 5000, seededRandom(1)).evidence.logE).toBeGreaterThan(-500);
  });

  it("refuses what is out of range", () => {
    const vote = { a: 0, b: 1, outcome: "a" as const, chances: chancesOf(0, 1) };
    const start = startVoterEvidence();
    expect(codeOf(() => updateVoterEvidence(start, 1, vote))).toBe("bad_argument");
    expect(codeOf(() => updateVoterEvidence(start, 2, { ...vote, b: 0 }))).toBe("bad_argument");
    expect(codeOf(() => updateVoterEvidence(start, 2, vote, { turnRate: 0 }))).toBe("bad_argument");
    expect(codeOf(() => isFlagged(start, 0))).toBe("bad_argument");
    expect(codeOf(() => flagByEvidence([1], 1))).toBe("bad_argument");
    expect(leadingAnomaly(start, 2)).toBeNull();
  });
});

describe("flagByEvidence", () => {
  it("steps up as e-Benjamini–Hochberg does", () => {
    // n = 4, α = 0.1: thresholds 40, 20, 40/3, 10 for k = 1 … 4.
    const flag = (...e: number[]) => [...flagByEvidence(e.map(Math.log), 0.1)];
    expect(flag(1, 39, 2, 3)).toEqual([]);
    expect(flag(1, 41, 2, 3)).toEqual([1]);
    expect(flag(1, 21, 30, 3)).toEqual([2, 1]);
    expect(flag(14, 14, 14, 1)).toEqual([0, 1, 2]);
    expect(flag(10.1, 10.1, 10.1, 11)).toEqual([3, 0, 1, 2]);
    expect(flag()).toEqual([]);
  });

  it("keeps the false ones among the flagged below α, and finds the bots", () => {
    const random = seededRandom(2022);
    let falseShare = 0;
    let found = 0;
    const rounds = 60;
    for (let round = 0; round < rounds; round++) {
      const all: VoterEvidence[] = Array.from({ length: 40 }, (_, voter) => {
        const manner: Manner = voter < 8 ? () => "a" : honest;
        return run(manner, 40, random).evidence;
      });
      const flagged = flagByEvidence(
        all.map(({ logE }) => logE),
        0.1,
      );
      const wrong = flagged.filter((voter) => voter >= 8).length;
      falseShare += wrong / Math.max(flagged.length, 1) / rounds;
      found += (flagged.length - wrong) / (8 * rounds);
    }
    expect(falseShare).toBeLessThan(0.1);
    expect(found).toBeGreaterThan(0.95);
  });
});

const crowd = needsData(
  "124 paid voters, each against a board of the others",
  "llmfao_crowd_comparisons.csv",
);
describe.skipIf(crowd.isAbsent)(crowd.title, () => {
  const votes = crowd.isAbsent
    ? []
    : readData("llmfao_crowd_comparisons.csv")
        .trim()
        .split(/\r?\n/)
        .slice(1)
        .map((line) => {
          const [, , x, y, voter, winner] = line.split(",");
          const outcome: Outcome = winner === "left" ? "a" : winner === "right" ? "b" : "tie";
          return { x: Number(x), y: Number(y), voter: Number(voter), outcome };
        });
  const ids = [...new Set(votes.flatMap(({ x, y }) => [x, y]))];
  const voters = [...new Set(votes.map(({ voter }) => voter))];
  const rows = votes.map(({ x, y, voter, outcome }) => ({
    ...{ a: ids.indexOf(x), b: ids.indexOf(y), voter, outcome },
  }));

  /**
   * The evidence on each voter. Boards of five parts of the voters, each judging the voters of one part by the votes
   * of the others: no board has seen a vote of those it judges.
   */
  const judge = (options: VoterTestOptions) => {
    const evidence = new Map(voters.map((voter) => [voter, startVoterEvidence()]));
    for (let part = 0; part < 5; part++) {
      const isJudged = (voter: number): boolean => voters.indexOf(voter) % 5 === part;
      const { pi, nu } = fitDavidson(
        ids.length,
        rows.flatMap(({ a, b, outcome, voter }) => {
          const cell = ({ a: "winI", b: "winJ", tie: "tie", both_bad: "bothBad" } as const)[outcome];
          const empty = { i: a, j: b, winI: 0, winJ: 0, tie: 0, bothBad: 0 };
          return isJudged(voter) ? [] : [{ ...empty, [cell]: 1 }];
        }),
      );
      for (const { a, b, outcome, voter } of rows) {
        const before = evidence.get(voter);
        if (!isJudged(voter) || before === undefined) continue;
        const p = davidsonProbabilities(pi[a] ?? 0, pi[b] ?? 0, nu);
        const chances = { a: p.winI, b: p.winJ, tie: p.tie, both_bad: 0 };
        evidence.set(voter, updateVoterEvidence(before, ids.length, { a, b, outcome, chances }, options));
      }
    }
    return evidence;
  };

  it("hold two who let one model win 149 of 155 battles, and one who clicked left 204 times of 290", () => {
    const evidence = judge({ ties: "ignored" });
    const leading = (voter: number) => {
      const found = leadingAnomaly(evidence.get(voter) ?? startVoterEvidence(), ids.length);
      return [found?.kind, found?.model == null ? null : ids[found.model]];
    };
    expect(leading(15)).toEqual(["favours", 98]);
    expect(leading(70)).toEqual(["favours", 98]);
    expect(leading(20)).toEqual(["one_side_a", null]);
    const flagged = flagByEvidence(voters.map((voter) => evidence.get(voter)?.logE ?? 0));
    expect([...flagged].slice(0, 3).map((at) => voters[at])).toEqual([15, 20, 70]);
    expect(flagged).toHaveLength(7);
    // One tie habit for all is not true of these voters: taken as evidence, it sets more of them aside.
    const withTies = judge({ ties: "evidence" });
    expect(flagByEvidence(voters.map((voter) => withTies.get(voter)?.logE ?? 0))).toHaveLength(18);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBoard } from "@/lib/rating";
import { fitFork } from "./fit-fork";
import { type ForkChoice, forkChoiceSchema, isAsPublished, needsVotes } from "./fork-choice";
import { pairsOf, simulatedVotes } from "./test-support";

const choose = (choice: Partial<ForkChoice> = {}) => forkChoiceSchema.parse(choice);
const truth = { beta: [1, 0.6, 0.1, -0.2, -0.6, -0.9], length: 1.5, side: 0.15 };
const votes = simulatedVotes(truth, { size: 20_000, voters: 900, seed: 5 });
const pairs = pairsOf(votes);
const scoreOf = (fit: ReturnType<typeof fitFork>, model: string) =>
  fit.rows.find((row) => row.model === model)?.rating?.score ?? Number.NaN;

describe("a fork of the board", () => {
  it("is the published board where nothing is changed", () => {
    const fit = fitFork(pairs, null, choose());
    for (const { rating, published } of fit.rows) expect(rating).toEqual(published);
    expect(isAsPublished(choose())).toBe(true);
    expect(isAsPublished(choose({ minVotes: 10 }))).toBe(true);
    expect(isAsPublished(choose({ without: ["model-1"] }))).toBe(false);
  });

  it.each(["davidson", "rao_kupper", "grounded"] as const)("takes the tie model %s", (ties) => {
    const fit = fitFork(pairs, null, choose({ ties }));
    expect(fit.fittedTies).toBe(ties);
    expect(scoreOf(fit, "model-0")).not.toBe(fit.rows[0]?.published?.score);
    expect(fit.rows.map(({ rating }) => rating?.score)).toEqual(
      fit.rows.map(({ rating }) => rating?.score).sort((x, y) => (y ?? 0) - (x ?? 0)),
    );
  });

  it("leaves a model out of the fit, and keeps the others where they can be compared", () => {
    const fit = fitFork(pairs, null, choose({ without: ["model-0"] }));
    expect(fit.rows[0]).toMatchObject({ model: "model-0", isLeftOut: true, rating: null, votes: 0 });
    expect(fit.rows[0]?.published).not.toBeNull();
    const kept = fit.rows.slice(1);
    const without = pairs.pairs.filter(([i, j]) => i !== 0 && j !== 0);
    const alone = fitBoard(
      6,
      without.map(([i, j, winI, winJ, tie, bothBad]) => ({ i, j, winI, winJ, tie, bothBad })),
    );
    expect(scoreOf(fit, "model-1") - scoreOf(fit, "model-5")).toBeCloseTo(
      (alone.rows[1]?.rating?.score ?? 0) - (alone.rows[5]?.rating?.score ?? 0),
      6,
    );
    const mean = (of: (row: (typeof kept)[number]) => number) =>
      kept.reduce((sum, row) => sum + of(row), 0) / kept.length;
    expect(mean(({ rating }) => rating?.score ?? 0)).toBeCloseTo(
      mean(({ published }) => published?.score ?? 0),
      6,
    );
    expect(fit.votes).toBe(
      without.reduce((sum, [, , ...counts]) => sum + counts.reduce((x, y) => x + y, 0), 0),
    );
  });

  it("finds the true effects of length and side, and holds equal only what it is told to", () => {
    const fit = fitFork(pairs, votes, choose({ covariates: ["tokens", "position", "bold"] }));
    // Bold is the same in all votes here: nothing can be said of it.
    expect(fit.effects.map(({ name }) => name)).toEqual(["position", "tokens"]);
    const side = fit.effects.find(({ name }) => name === "position");
    // Ties of one vote in five halve what they touch: 0.15 in the decided votes is 0.8 · 0.15 near equals.
    expect(side?.gamma).toBeGreaterThan(0.06);
    expect(side?.gamma).toBeLessThan(0.18);
    expect(side?.lower).toBeGreaterThan(0);
    const organization = fitFork(pairs, votes, choose({ covariates: ["organization"] }));
    expect(organization.effects.map(({ name }) => name)).toEqual(["organization"]);
  });

  it("needs votes one by one only for style, side and voters", () => {
    expect(needsVotes(choose({ ties: "davidson" }))).toBe(false);
    expect(needsVotes(choose({ weights: "pairs", without: ["x"], minVotes: 5 }))).toBe(false);
    expect(needsVotes(choose({ covariates: ["position"] }))).toBe(true);
    expect(needsVotes(choose({ withoutOddVoters: true }))).toBe(true);
    expect(forkChoiceSchema.safeParse({ ties: "davidson", covariates: ["tokens"] }).success).toBe(false);
  });

  it("leaves out voters who click at random, and hardly ever an honest one", () => {
    const mixed = simulatedVotes(
      { beta: [2, 1.2, 0, -1.2, -2] },
      { size: 40_000, voters: 400, odd: 60, seed: 9 },
    );
    const steps: number[] = [];
    const fit = fitFork(pairsOf(mixed), mixed, choose({ withoutOddVoters: true }), ({ step, done }) => {
      if (step === "voters") steps.push(done);
    });
    expect(fit.odd?.of).toBe(400);
    expect(fit.odd?.voters).toBeGreaterThan(50);
    expect(fit.odd?.voters).toBeLessThanOrEqual(64);
    expect(fit.votes).toBe(40_000 - 100 * (fit.odd?.voters ?? 0));
    expect(steps).toEqual([...steps].sort((x, y) => x - y));
    // Random clicks pull scores together: without them they are further apart.
    const gap = scoreOf(fit, "model-0") - scoreOf(fit, "model-4");
    const published = (fit.rows[0]?.published?.score ?? 0) - (fit.rows[4]?.published?.score ?? 0);
    expect(gap).toBeGreaterThan(published * 1.05);
  });

  it("fits what one voter alone has said, and few votes without a word of the covariate", () => {
    const few = simulatedVotes({ beta: [0.2, 0, -0.2] }, { size: 24, voters: 1, seed: 2 });
    for (const covariate of ["position", "bold", "tokens"] as const) {
      const fit = fitFork(pairsOf(few), few, choose({ covariates: [covariate] }));
      expect(fit.isDetermined).toBe(true);
      expect(fit.rows.every(({ rating }) => rating !== null && rating.upper > rating.lower)).toBe(true);
    }
  });

  it("takes only the votes of the category", () => {
    const code = fitFork({ ...pairs, category: "code" }, votes, choose({ covariates: ["position"] }));
    expect(code.votes).toBe(10_000);
    const zh = fitFork({ ...pairs, category: "lang_zh" }, votes, choose({ covariates: ["position"] }));
    expect(zh.votes).toBe(Array.from(votes.language).filter((code) => code === 1).length);
    const none = fitFork(
      { ...pairs, category: "creative_writing" },
      votes,
      choose({ covariates: ["position"] }),
    );
    expect(none.votes).toBe(0);
    expect(none.rows.every(({ rating }) => rating === null)).toBe(true);
  });

  it("does not depend on the order of models and votes", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 }), (order) => {
        const turned = {
          ...pairs,
          models: order.flatMap((at) => pairs.models[at] ?? []),
          pairs: pairs.pairs
            .map(([i, j, ...counts]) => [order.indexOf(i), order.indexOf(j), ...counts] as const)
            .map((pair): (typeof pairs.pairs)[number] => [...pair]),
        };
        for (const choice of [
          choose({ weights: "pairs" }),
          choose({ covariates: ["tokens"], without: ["model-2"] }),
        ]) {
          const [plain, other] = [fitFork(pairs, votes, choice), fitFork(turned, votes, choice)];
          for (const { model, isLeftOut } of plain.rows)
            if (!isLeftOut) expect(scoreOf(other, model)).toBeCloseTo(scoreOf(plain, model), 6);
        }
      }),
      { numRuns: 5 },
    );
  });
});

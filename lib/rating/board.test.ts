import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBoard } from "./board";
import { fitBradleyTerry } from "./bradley-terry";
import { sandwichCovariance } from "./covariance";
import { seededRandom } from "./random";
import { toScores } from "./score";
import { codeOf, pairsOf, puddingPairs, sparseBoards } from "./test-support";

const reasons = (board: ReturnType<typeof fitBoard>) => board.rows.map((row) => row.unratedReason ?? "rated");

describe("fitBoard", () => {
  it("rates a full board as the fit and its sandwich do", () => {
    const anchor = { model: 1, score: 1200 };
    const fit = fitBradleyTerry(6, puddingPairs);
    const expected = toScores(fit.beta, sandwichCovariance(fit), { anchor });
    const board = fitBoard(6, puddingPairs, { anchor, cautionVotes: 0 });
    expect(board).toMatchObject({ converged: true, isAnchored: true });
    board.rows.forEach((row, k) => {
      expect(row.rating).toMatchObject({
        score: expected.score[k],
        lower: expected.lower[k],
        upper: expected.upper[k],
        isPreliminary: false,
      });
    });
    // The plainest reading of 745 votes on brands that nearly tie: nobody is shown to be last, nobody alone on top.
    expect(new Set(board.rows.map((row) => row.rating?.tier)).size).toBeLessThanOrEqual(2);
  });

  it("shows nobody a score before anything bounds it", () => {
    expect(reasons(fitBoard(3, []))).toEqual(["no_votes", "no_votes", "no_votes"]);
    const twoVotes = pairsOf([
      [0, 1, 1, 0],
      [0, 2, 1, 0],
    ]);
    const board = fitBoard(3, twoVotes);
    expect(reasons(board)).toEqual(["only_wins", "only_losses", "only_losses"]);
    expect(board.rows.map((row) => row.winRate)).toEqual([1, 0, 0]);
    expect(board.rated).toBeNull();
    const chain = pairsOf([
      [0, 1, 1, 0],
      [1, 2, 1, 0],
    ]);
    expect(reasons(fitBoard(3, chain))).toEqual(["only_wins", "not_separable", "only_losses"]);
  });

  it("rates two models that tied once as level, preliminary and very uncertain", () => {
    const board = fitBoard(
      3,
      pairsOf([
        [0, 1, 0, 0, 1],
        [0, 2, 1, 0],
      ]),
    );
    expect(reasons(board)).toEqual(["rated", "rated", "only_losses"]);
    const [first, second] = board.rows.map((row) => row.rating);
    expect(first?.score).toBe(1000);
    expect(second?.score).toBe(1000);
    expect(first?.isPreliminary).toBe(true);
    expect((first?.upper ?? 0) - (first?.lower ?? 0)).toBeGreaterThan(200);
    expect(first).toMatchObject({ rankBest: 1, rankWorst: 2, tier: 1 });
  });

  it("says why each model is left out of a larger board", () => {
    const board = fitBoard(
      10,
      pairsOf([
        [0, 1, 5, 4],
        [1, 2, 5, 4],
        [0, 2, 3, 4, 2],
        // 3 only beat the board; 4 only lost to it; 5 lost to 3 alone; 6 and 7 have an island; 8 beat 3.
        [3, 0, 2, 0],
        [1, 4, 2, 0],
        [3, 5, 1, 0],
        [6, 7, 2, 2],
        [8, 3, 1, 0],
      ]),
    );
    expect(reasons(board)).toEqual([
      "rated",
      "rated",
      "rated",
      "only_wins",
      "only_losses",
      "not_separable",
      "disconnected",
      "disconnected",
      "only_wins",
      "no_votes",
    ]);
    expect(board.groups.map((group) => [...group])).toEqual([
      [0, 1, 2],
      [6, 7],
    ]);
  });

  it("falls back to the mean where the anchor has no score, and says so", () => {
    const board = fitBoard(3, pairsOf([[0, 1, 3, 3]]), {
      anchor: { model: 2, score: 1500 },
      intervalGauge: "anchor",
    });
    expect(board.isAnchored).toBe(false);
    expect(board.rows[0]?.rating?.score).toBe(1000);
  });

  it("does not flatter a newcomer whose first votes happen to be ties", () => {
    // Four known models, level. The newcomer's share against them is 0.4, with 70 % ties; it has four votes.
    const random = seededRandom(31);
    const truth = 1000 + 400 * Math.log10(0.4 / 0.6);
    const options = { anchor: { model: 0, score: 1000 }, intervalGauge: "anchor" } as const;
    const known = [0, 1, 2].flatMap((i) =>
      [1, 2, 3].filter((j) => j > i).map((j) => ({ i, j, winI: 500, winJ: 500, tie: 500, bothBad: 500 })),
    );
    const covered = { plain: 0, cautious: 0, rated: 0 };
    for (let board = 0; board < 300; board++) {
      const first = Array.from({ length: 4 }, (_, vote) => {
        const u = random();
        const cell = u < 0.7 ? "tie" : u < 0.95 ? "winI" : "winJ";
        return { i: vote, j: 4, winI: 0, winJ: 0, tie: 0, bothBad: 0, [cell]: 1 };
      });
      const holds = (cautionVotes?: number) => {
        const rating = fitBoard(5, [...known, ...first], { ...options, cautionVotes }).rows[4]?.rating;
        return rating ? Number(rating.lower <= truth && rating.upper >= truth) : undefined;
      };
      const cautious = holds();
      if (cautious === undefined) continue;
      covered.rated++;
      covered.cautious += cautious;
      covered.plain += holds(0) ?? 0;
    }
    expect(covered.rated).toBeGreaterThan(270);
    expect(covered.cautious / covered.rated).toBeGreaterThan(0.95);
    expect(covered.plain / covered.rated).toBeLessThan(0.85);
  });

  it("never throws on honest votes, and every row has a rating or a reason", () => {
    fc.assert(
      fc.property(sparseBoards, ({ modelCount, pairs }) => {
        const board = fitBoard(modelCount, pairs);
        expect(board.rows).toHaveLength(modelCount);
        expect(board.converged).toBe(true);
        for (const row of board.rows) {
          expect(row.rating === null).toBe(row.unratedReason !== null);
          if (row.votes === 0) expect(row.unratedReason).toBe("no_votes");
          if (row.rating) {
            expect(Number.isFinite(row.rating.lower + row.rating.upper)).toBe(true);
            expect(row.rating.upper).toBeGreaterThan(row.rating.lower);
            expect(row.rating.rankBest).toBeLessThanOrEqual(row.rating.rankWorst);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("still refuses what is no vote data", () => {
    expect(codeOf(() => fitBoard(2, pairsOf([[0, 1, -1, 0]])))).toBe("bad_counts");
  });
});

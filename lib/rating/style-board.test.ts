import { describe, expect, it } from "vitest";
import { fitBoard } from "./board";
import { positionCovariate, styleCovariate } from "./covariates";
import { seededRandom } from "./random";
import { fitStyleBoard } from "./style-board";
import { drawVotes, simulateFeatures } from "./style-test-support";
import { codeOf } from "./test-support";
import { countVotes, toVoteTable } from "./vote-table";

describe("fitStyleBoard", () => {
  const random = seededRandom(17);
  const size = 3000;
  const { a, b } = simulateFeatures(size, random);
  const tokens = styleCovariate("tokens", a[0] ?? [], b[0] ?? []);
  const votes = drawVotes([0.5, 0.2, -0.2, -0.5], [tokens], [0.4], size, random);

  it("is the plain board where there are no covariates", () => {
    const plain = fitBoard(4, countVotes(votes));
    const board = fitStyleBoard(votes, []);
    expect(board.effects).toEqual([]);
    board.rows.forEach((row, k) => {
      expect(row.votes).toBe(plain.rows[k]?.votes);
      expect(row.rating?.score).toBeCloseTo(plain.rows[k]?.rating?.score ?? 0, 8);
      expect(row.rating?.lower).toBeCloseTo(plain.rows[k]?.rating?.lower ?? 0, 8);
      expect(row.rating?.tier).toBe(plain.rows[k]?.rating?.tier);
    });
  });

  it("gives each effect with its interval, and takes the anchor", () => {
    const anchor = { model: 2, score: 1114 };
    const board = fitStyleBoard(votes, [tokens, positionCovariate(size)], { anchor });
    const [length, position] = board.effects;
    expect(board.rows[2]?.rating?.score).toBeCloseTo(1114, 9);
    expect(board.isAnchored).toBe(true);
    expect(length?.name).toBe("tokens");
    expect(length?.lower).toBeLessThan(0.4);
    expect(length?.upper).toBeGreaterThan(0.4);
    expect(position?.lower).toBeLessThan(0);
    expect(position?.upper).toBeGreaterThan(0);
  });

  it("rates the group it can, by the votes within it, and says why the others have no score", () => {
    // Model 4 only won, model 5 has no votes: neither may move the effect of length.
    const extra = { a: 4, b: 0, outcome: "a" as const };
    const rows = Array.from(votes.a, (left, row) => ({
      ...{ a: left, b: votes.b[row] ?? 0 },
      outcome: votes.outcome[row] === 0 ? ("a" as const) : ("b" as const),
    }));
    const wider = toVoteTable(6, [extra, ...rows]);
    const values = Float64Array.of(99, ...tokens.values);
    const voters = Int32Array.from({ length: size + 1 }, (_, row) => row % 40);
    const board = fitStyleBoard(wider, [{ name: "tokens", values }], { voters });
    const alone = fitStyleBoard(votes, [tokens], { voters: voters.slice(1) });
    expect(board.effects).toEqual(alone.effects);
    expect(board.rows.map(({ unratedReason }) => unratedReason).slice(3)).toEqual([
      null,
      "only_wins",
      "no_votes",
    ]);
    expect(board.rows[0]?.rating).toEqual(alone.rows[0]?.rating);
    const nothing = fitStyleBoard(toVoteTable(2, [{ a: 0, b: 1, outcome: "a" }]), []);
    expect([nothing.rated, nothing.effects]).toEqual([null, []]);
  });

  it("refuses columns of another length", () => {
    expect(codeOf(() => fitStyleBoard(votes, [positionCovariate(3)]))).toBe("bad_argument");
    expect(codeOf(() => fitStyleBoard(votes, [], { voters: new Int32Array(3) }))).toBe("bad_argument");
  });
});

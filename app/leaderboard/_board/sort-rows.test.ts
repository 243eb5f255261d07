import { describe, expect, it } from "vitest";
import { boardOrder, groupByTier, matches, nextSorting, type RatedRow, sortRows } from "./sort-rows";

function row(model: string, score: number, tier: number, fields: Partial<RatedRow> = {}): RatedRow {
  return {
    model,
    displayName: model,
    organization: "Org",
    licence: null,
    contextLength: null,
    price: null,
    stage: "public",
    votes: 10,
    winRate: 0.5,
    elo: 1000,
    rating: {
      score,
      lower: score - 10,
      upper: score + 10,
      rankBest: 1,
      rankWorst: 2,
      tier,
      isPreliminary: false,
    },
    unratedReason: null,
    ...fields,
  };
}

const rows = [row("m-10", 1000, 2), row("m-2", 1100, 1), row("x", 1090, 1, { votes: 99 }), row("y", 1000, 2)];
const names = (sorted: readonly RatedRow[]) => sorted.map((entry) => entry.model);

describe("the rows of the board", () => {
  it("come by score, equal ones by name with numbers read as numbers", () => {
    expect(names(sortRows(rows, boardOrder))).toEqual(["m-2", "x", "m-10", "y"]);
    expect(names(sortRows(rows, { key: "model", isDescending: false }))).toEqual(["m-2", "m-10", "x", "y"]);
    expect(names(sortRows(rows, { key: "votes", isDescending: true }))[0]).toBe("x");
  });

  it("turn round on a second press, and begin with what one looks for first", () => {
    expect(nextSorting(boardOrder, "score")).toEqual({ key: "score", isDescending: false });
    expect(nextSorting(boardOrder, "model")).toEqual({ key: "model", isDescending: false });
    expect(nextSorting(boardOrder, "votes")).toEqual({ key: "votes", isDescending: true });
  });

  it("keep the leader's bound of a tier though a search hides the leader", () => {
    const shown = rows.filter((entry) => entry.model !== "m-2");
    const [first, second] = groupByTier(shown, rows);
    expect(first).toMatchObject({ number: 1, leaderLower: 1090 });
    expect(names(first?.rows ?? [])).toEqual(["x"]);
    expect(second).toMatchObject({ number: 2, leaderLower: 990 });
  });

  it("are found by name and by organization", () => {
    expect(matches(row("Qwen3-8B", 1, 1), "qwen3")).toBe(true);
    expect(matches(row("Qwen3-8B", 1, 1), " ORG ")).toBe(true);
    expect(matches(row("Qwen3-8B", 1, 1), "llama")).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import {
  boardOrder,
  groupByTier,
  licencesOf,
  matches,
  nextSorting,
  type RatedRow,
  sortRows,
} from "./sort-rows";

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

  it("come by organization and by context, unknown ones last either way", () => {
    const some = [
      row("a", 1, 1, { organization: null }),
      row("b", 1, 1, { organization: "Zhipu AI", contextLength: 8192 }),
      row("c", 1, 1, { organization: "Ai2", contextLength: 131_072 }),
    ];
    expect(names(sortRows(some, { key: "organization", isDescending: false }))).toEqual(["c", "b", "a"]);
    expect(names(sortRows(some, { key: "organization", isDescending: true }))).toEqual(["b", "c", "a"]);
    expect(names(sortRows(some, { key: "context", isDescending: true }))).toEqual(["c", "b", "a"]);
    expect(names(sortRows(some, { key: "context", isDescending: false }))).toEqual(["b", "c", "a"]);
  });

  it("name each licence once", () => {
    const some = [row("a", 1, 1, { licence: "MIT" }), row("b", 1, 1, { licence: "MIT" }), row("c", 1, 1)];
    expect(licencesOf([...some, row("d", 1, 1, { licence: "Apache-2.0" })])).toEqual(["Apache-2.0", "MIT"]);
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

import { describe, expect, it } from "vitest";
import type { BoardPairs } from "@/lib/protocol";
import { countGround, shareGround, toPairMatrix } from "./pair-matrix";

const models = ["a", "b", "c"].map((model) => ({ model, displayName: model.toUpperCase() }));
const data = {
  models,
  pairs: [
    [0, 1, 3, 1, 1, 1],
    [1, 2, 0, 4, 0, 0],
  ],
} as unknown as Pick<BoardPairs, "models" | "pairs">;

describe("the matrix of pairs", () => {
  it("counts a tie of either kind half, and mirrors", () => {
    const { cells, maxBattles } = toPairMatrix(data, () => true, 9);
    expect(cells[0]?.[1]).toEqual({ battles: 6, share: 4 / 6 });
    expect(cells[1]?.[0]?.share).toBeCloseTo(2 / 6);
    expect(cells[2]?.[1]).toEqual({ battles: 4, share: 1 });
    expect(cells[0]?.[2]).toBeNull();
    expect(cells[0]?.[0]).toBeNull();
    expect(maxBattles).toBe(6);
  });

  it("leaves models out without moving the votes of the others", () => {
    const matrix = toPairMatrix(data, (model) => model !== "a", 9);
    expect(matrix.models.map(({ model }) => model)).toEqual(["b", "c"]);
    expect(matrix.cells[0]?.[1]).toEqual({ battles: 4, share: 0 });
    expect(toPairMatrix(data, () => true, 2).models).toHaveLength(2);
    expect(toPairMatrix({ models: [], pairs: [] }, () => true, 2).cells).toEqual([]);
  });

  it("keeps the grounds within what figures can stand on", () => {
    expect(shareGround(1)).toBe("color-mix(in oklab, var(--accent) 42.0%, var(--bg))");
    expect(shareGround(0.5)).toBe("color-mix(in oklab, var(--accent) 0.0%, var(--bg))");
    expect(shareGround(0)).toBe("color-mix(in oklab, var(--fg) 22.0%, var(--bg))");
    expect(countGround(5, 10)).toContain("21.0%");
    expect(countGround(0, 0)).toContain("0.0%");
  });
});

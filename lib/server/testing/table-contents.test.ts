import { describe, expect, it } from "vitest";
import { changesBetween } from "./table-contents";

const of = (...rows: string[]) => new Map([["votes", rows]]);

describe("changes between two readings of all tables", () => {
  it("are none where every row is as it was", () => {
    expect(changesBetween(of("a", "b", "b"), of("b", "a", "b"))).toEqual([]);
  });

  it("name the table, with the rows that are gone and those that are new", () => {
    expect(changesBetween(of("a", "b"), of("a", "c"))).toEqual(["votes: 1 rows gone, 1 rows new"]);
    expect(changesBetween(of("a", "a"), of("a"))).toEqual(["votes: 1 rows gone, 0 rows new"]);
    expect(changesBetween(of("a"), new Map())).toEqual(["votes: 1 rows gone, 0 rows new"]);
  });

  it("are none where a table grows that may, but are where it loses a row", () => {
    const snapshots = (...rows: string[]) => new Map([["rating_snapshots", rows]]);
    expect(changesBetween(snapshots("a"), snapshots("a", "b"))).toEqual([]);
    expect(changesBetween(snapshots("a"), snapshots("b"))).toEqual([
      "rating_snapshots: 1 rows gone, 0 rows new",
    ]);
  });
});

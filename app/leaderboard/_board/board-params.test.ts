import { createLoader } from "nuqs/server";
import { describe, expect, it } from "vitest";
import { boardQuerySchema } from "@/lib/protocol";
import { boardParsers, toBoardQuery, toBoardSearch, toKeySearch } from "./board-params";

const load = createLoader(boardParsers);

function queryOf(search: string) {
  return toBoardQuery(load(`http://site.test/leaderboard${search}`));
}

describe("the address of a board", () => {
  it("says nothing for the board everybody sees first", () => {
    expect(toBoardSearch(queryOf(""))).toBe("");
    expect(toKeySearch(queryOf(""))).toBe("");
  });

  it("gives back what it was made from", () => {
    const search = "?board=judge&category=lang_zh&ties=davidson&minVotes=500&showRetired=1";
    expect(toBoardSearch(queryOf(search))).toBe(search);
    expect(toKeySearch(queryOf(search))).toBe("?board=judge&category=lang_zh");
  });

  it("asks for what the contract takes, whatever stands in it", () => {
    for (const search of [
      "?style=1&ties=davidson",
      "?minVotes=-5",
      "?minVotes=1e99",
      "?minVotes=9999999999999",
      "?category=%27;drop",
      "?board=secret&style=yes&ties=&sort=-nothing",
    ]) {
      const api = Object.fromEntries(new URLSearchParams(toBoardSearch(queryOf(search))));
      expect(boardQuerySchema.safeParse(api).success, search).toBe(true);
    }
    expect(queryOf("?style=1&ties=davidson")).toMatchObject({ style: true, ties: "half" });
  });

  it("keeps the order of the rows", () => {
    expect(load("http://site.test/?sort=-votes").sort).toEqual({ key: "votes", isDescending: true });
    expect(load("http://site.test/?sort=model").sort).toEqual({ key: "model", isDescending: false });
    expect(load("http://site.test/?sort=nothing").sort).toEqual({ key: "score", isDescending: true });
  });
});

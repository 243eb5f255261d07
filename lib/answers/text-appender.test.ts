import { describe, expect, it } from "vitest";
import { gather } from "./text-appender";

describe("texts of running answers", () => {
  it("that come in one turn are one statement, and each hears of its own row", async () => {
    const statements: string[][] = [];
    const append = gather(async (pieces) => {
      statements.push(pieces.map(({ id, text }) => id + text));
      return new Set(["a", "c"]);
    });
    expect(await Promise.all([append("a", "1"), append("b", "2"), append("c", "3")])).toEqual([
      true,
      false,
      true,
    ]);
    await append("a", "4");
    expect(statements).toEqual([["a1", "b2", "c3"], ["a4"]]);
  });

  it("that the database takes offence at hold up no other", async () => {
    const append = gather(async (pieces) => {
      if (pieces.some(({ text }) => text === "bad")) throw new Error("offended");
      return new Set(pieces.map(({ id }) => id));
    });
    const results = await Promise.allSettled([append("a", "good"), append("b", "bad"), append("c", "good")]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("are not asked for one by one where the database is away", async () => {
    let asked = 0;
    const append = gather(async () => {
      asked += 1;
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    });
    const results = await Promise.allSettled([append("a", "1"), append("b", "2"), append("c", "3")]);
    expect(results).toMatchObject(results.map(() => ({ reason: { code: "database_unavailable" } })));
    expect(asked).toBe(1);
  });
});

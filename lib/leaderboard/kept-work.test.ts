import { describe, expect, it } from "vitest";
import { createKeptWork } from "./kept-work";

describe("kept work", () => {
  it("is made once, one after another, and the oldest gives way", async () => {
    const keep = createKeptWork<string>(2);
    const made: string[] = [];
    let underWay = 0;
    const make = (name: string) =>
      keep(name, async () => {
        underWay += 1;
        expect(underWay).toBe(1);
        await new Promise(setImmediate);
        underWay -= 1;
        made.push(name);
        return name;
      });
    expect(await Promise.all([make("a"), make("b"), make("a")])).toEqual(["a", "b", "a"]);
    // b is now the oldest that was asked for.
    await make("c");
    await make("a");
    expect(made).toEqual(["a", "b", "c"]);
    await make("b");
    expect(made).toEqual(["a", "b", "c", "b"]);
  });

  it("does not remember a failure, nor stop at one", async () => {
    const keep = createKeptWork<number>(2);
    const failing = keep("a", () => Promise.reject(new Error("refused")));
    const other = keep("b", async () => 2);
    await expect(failing).rejects.toThrow("refused");
    expect(await other).toBe(2);
    expect(await keep("a", async () => 1)).toBe(1);
  });
});

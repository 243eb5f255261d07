import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { atEndOfTurn } from "./end-of-turn";

describe("atEndOfTurn", () => {
  it("waits for what else happens in the turn, and keeps the order", async () => {
    const done: string[] = [];
    atEndOfTurn(() => done.push("first"));
    await Promise.resolve();
    atEndOfTurn(() => done.push("second"));
    expect(done).toEqual([]);
    await nextTurn();
    expect(done).toEqual(["first", "second"]);
  });

  it("does each once where there are many, and takes what is asked for meanwhile", async () => {
    const done: number[] = [];
    for (let each = 0; each < 21; each += 1) {
      atEndOfTurn(() => {
        done.push(each);
        if (each % 5 === 0) atEndOfTurn(() => done.push(100 + each));
      });
    }
    expect(done.length).toBeGreaterThan(0);
    await nextTurn();
    await nextTurn();
    const expected = [...Array.from({ length: 21 }, (_, each) => each), 100, 105, 110, 115, 120];
    expect([...done].sort((a, b) => a - b)).toEqual(expected);
  });
});

import { describe, expect, it } from "vitest";
import { Outbox } from "./outbox";

async function readAll(outbox: Outbox<number>): Promise<{ values: number[]; error: unknown }> {
  const values: number[] = [];
  try {
    for await (const value of outbox) values.push(value);
    return { values, error: null };
  } catch (error) {
    return { values, error };
  }
}

describe("Outbox", () => {
  it("hands values over in order and ends after the last one", async () => {
    const outbox = new Outbox<number>();
    outbox.push(1);
    const reading = readAll(outbox);
    outbox.push(2);
    outbox.close();
    outbox.push(3);
    expect(await reading).toEqual({ values: [1, 2], error: null });
  });

  it("throws the failure after the values that came before it", async () => {
    const outbox = new Outbox<number>();
    const error = new Error("broken");
    outbox.push(1);
    outbox.fail(error);
    expect(await readAll(outbox)).toEqual({ values: [1], error });
  });

  it("says when the reader has caught up", async () => {
    let taken = 0;
    const outbox = new Outbox<number>(() => taken++);
    outbox.push(1);
    outbox.push(2);
    expect(outbox.size).toBe(2);
    outbox.close();
    await readAll(outbox);
    expect({ taken, size: outbox.size }).toEqual({ taken: 1, size: 0 });
  });

  it("lets a waiting reader go on when it is told to", async () => {
    const due: (() => void)[] = [];
    const outbox = new Outbox<number>(undefined, (wakeReader) => due.push(wakeReader));
    const reading = outbox[Symbol.asyncIterator]();
    const first = reading.next();
    outbox.push(1);
    outbox.push(2);
    expect({ waiting: due.length, size: outbox.size }).toEqual({ waiting: 1, size: 2 });
    due[0]?.();
    expect([await first, await reading.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
  });
});

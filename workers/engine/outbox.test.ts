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
});

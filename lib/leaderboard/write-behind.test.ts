import { describe, expect, it, vi } from "vitest";
import { createWriteBehind } from "./write-behind";

describe("writing behind", () => {
  it("writes the first value at once, then only the newest, and everything before it closes", async () => {
    const written: number[] = [];
    const writer = createWriteBehind(() => expect.unreachable());
    const write = writer.slot<number>(async (value) => {
      written.push(value);
    });
    for (const value of [1, 2, 3]) write(value);
    // Those that came before the first write began are one.
    await vi.waitFor(() => expect(written).toHaveLength(1));
    write(4);
    write(5);
    expect(written).not.toContain(5);
    await writer.close();
    expect(written.at(-1)).toBe(5);
    expect(written).not.toContain(4);
  });

  it("goes on after a failure, which it tells", async () => {
    const failed: unknown[] = [];
    const written: number[] = [];
    const writer = createWriteBehind((error) => failed.push(error));
    const write = writer.slot<number>(async (value) => {
      if (value === 1) throw new Error("no database");
      written.push(value);
    });
    write(1);
    await vi.waitFor(() => expect(failed).toEqual([new Error("no database")]));
    write(2);
    await writer.close();
    expect(written).toEqual([2]);
  });

  it("keeps slots apart", async () => {
    const written: string[] = [];
    const writer = createWriteBehind(() => expect.unreachable());
    const slots = ["a", "b"].map((name) =>
      writer.slot<number>(async (value) => {
        written.push(`${name}${value}`);
      }),
    );
    for (const write of slots) write(1);
    await writer.close();
    expect(written.sort()).toEqual(["a1", "b1"]);
  });
});

import { describe, expect, it } from "vitest";
import { coalesce } from "./coalesce";

describe("coalesced runs", () => {
  it("are shared by those who call together, and never by one who calls after it began", async () => {
    let runs = 0;
    const gates: (() => void)[] = [];
    const call = coalesce(async () => {
      const own = ++runs;
      await new Promise<void>((resolve) => gates.push(resolve));
      return own;
    });
    const first = call();
    const [second, third] = [call(), call()];
    gates[0]?.();
    expect(await first).toBe(1);
    await Promise.resolve();
    gates[1]?.();
    expect(await Promise.all([second, third])).toEqual([2, 2]);
    const fourth = call();
    gates[2]?.();
    expect(await fourth).toBe(3);
  });

  it("go on after one that failed", async () => {
    let runs = 0;
    const call = coalesce(async () => {
      runs += 1;
      if (runs === 1) throw new Error("lost");
      return runs;
    });
    const [first, second] = [call(), call()];
    await expect(first).rejects.toThrow("lost");
    expect(await second).toBe(2);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStartHold } from "./start-hold";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Whether a hold has been released, as its sides see it. */
function watch(limitMs: number) {
  const hold = createStartHold(limitMs);
  let isReleased = false;
  void hold.held.then(() => {
    isReleased = true;
  });
  return {
    hold,
    isReleased: async (afterMs = 0) => {
      await vi.advanceTimersByTimeAsync(afterMs);
      return isReleased;
    },
  };
}

describe("a hold on the start of two sides", () => {
  it("ends when both have come so far, not when one has twice", async () => {
    const { hold, isReleased } = watch(400);
    hold.claim("a");
    hold.claim("a");
    expect(await isReleased()).toBe(false);
    hold.claim("b");
    expect(await isReleased()).toBe(true);
  });

  it("ends by itself at its limit", async () => {
    const { hold, isReleased } = watch(400);
    hold.claim("a");
    expect(await isReleased(399)).toBe(false);
    expect(await isReleased(1)).toBe(true);
  });

  it("ends at once where it is released, and leaves no timer behind", async () => {
    const { hold, isReleased } = watch(400);
    hold.release();
    expect(await isReleased()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

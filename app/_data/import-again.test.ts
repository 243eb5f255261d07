import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { importAgain } from "./import-again";

const listeners = new Set<() => void>();
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", {
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  listeners.clear();
});

/** A part that cannot be fetched so many times. */
function failing(times: number) {
  let left = times;
  return vi.fn(async () => {
    left -= 1;
    if (left >= 0) throw new TypeError("Failed to fetch dynamically imported module");
    return "part";
  });
}

it("fetches a part again until it is there", async () => {
  const load = failing(3);
  const loaded = importAgain(load);
  await vi.runAllTimersAsync();
  expect(await loaded).toBe("part");
  expect(load).toHaveBeenCalledTimes(4);
});

it("does not wait any longer once the network is back, and leaves nothing behind", async () => {
  const load = failing(1);
  const loaded = importAgain(load);
  await vi.advanceTimersByTimeAsync(1);
  for (const listener of listeners) listener();
  expect(await loaded).toBe("part");
  expect(listeners.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

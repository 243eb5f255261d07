import { expect } from "vitest";

/** For what happens soon, on a machine that may be busy with other tests. */
export function eventually<T>(look: () => T) {
  return expect.poll(look, { timeout: 20_000, interval: 20 });
}

/** For tests that run a real model or real processes. */
export const busyMachine = { testTimeout: 60_000, hookTimeout: 60_000 } as const;

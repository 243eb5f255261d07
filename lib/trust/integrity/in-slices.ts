import { setImmediate as turn } from "node:timers/promises";

/** A stream beside it may wait so long, and no longer. */
const sliceMs = 10;

/** Takes the steps of a long computation, and lets the event loop turn whenever they have taken a while. */
export async function inSlices<T>(steps: Generator<void, T>): Promise<T> {
  let began = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - began < sliceMs) continue;
    await turn();
    began = performance.now();
  }
}

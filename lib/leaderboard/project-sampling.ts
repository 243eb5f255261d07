import { setImmediate } from "node:timers/promises";
import {
  adaptivePolicy,
  type PairCounts,
  projectSampling,
  type SamplingOptions,
  type SamplingProjectionResult,
  type SamplingState,
} from "@/lib/rating";

/** See `projectSampling` of lib/rating: what the next votes would do under a policy, in numbers that a thread can be given. */
export type ProjectionJob = {
  modelCount: number;
  pairs: readonly PairCounts[];
  choice: Pick<SamplingState, "candidates" | "organization" | "weights">;
  settings: SamplingOptions;
  votes: number;
  steps: number;
};

/** Looks up between two steps whether anybody still waits. Errors: the signal's reason; `RatingError`. */
export async function runProjection(
  { choice, settings, ...projection }: ProjectionJob,
  signal: AbortSignal,
): Promise<SamplingProjectionResult> {
  const steps = projectSampling({
    ...projection,
    policy: (state) => adaptivePolicy({ ...choice, ...state }, settings),
  });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
    signal.throwIfAborted();
  }
}

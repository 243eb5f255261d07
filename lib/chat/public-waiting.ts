import type { ServedModel } from "@/lib/controller";

const sampleMs = 5_000;
/** Samples of one window: five minutes. */
const samplesPerWindow = 60;
/** What is told: the greatest of these that the mean has reached, else 0. */
const steps = [3, 10, 30, 100, 300, 1_000] as const;

type Load = Pick<ServedModel, "name" | "slots" | "outstanding">;

export type PublicWaiting = {
  /** How many requests waited for the model, on average over the last whole window, in rough steps; 0 before its end. */
  of(model: string): number;
  /** Looks once; {@link PublicWaiting.start} does so from time to time. */
  sample(): void;
  start(): void;
  stop(): void;
};

/**
 * How busy models are, as anybody may know it. The list of models is public, and a number of this moment would break a blind
 * battle: begin one, look which two models have become busier, vote. So it tells only means over five minutes, after they have
 * ended, in steps so wide that one battle seldom moves them.
 */
export function createPublicWaiting(read: () => readonly Load[]): PublicWaiting {
  let sums = new Map<string, number>();
  let samples = 0;
  let shown: ReadonlyMap<string, number> = new Map();
  let timer: NodeJS.Timeout | undefined;

  function sample(): void {
    samples += 1;
    for (const { name, slots, outstanding } of read()) {
      sums.set(name, (sums.get(name) ?? 0) + Math.max(0, outstanding - slots));
    }
    if (samples < samplesPerWindow) return;
    shown = new Map([...sums].map(([name, sum]) => [name, stepOf(sum / samples)]));
    sums = new Map();
    samples = 0;
  }

  return {
    of: (model) => shown.get(model) ?? 0,
    sample,
    start() {
      timer = setInterval(sample, sampleMs);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}

function stepOf(mean: number): number {
  return steps.findLast((step) => mean >= step) ?? 0;
}

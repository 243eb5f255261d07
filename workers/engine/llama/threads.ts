/**
 * How many threads a model gets on a processor. The prebuilt library starts its threads anew for each decode, so a
 * small model on two threads runs many times slower than on one: tiny files get one, larger ones are measured.
 */

const smallModelBytes = 16 * 1024 * 1024;
/** Further threads must bring at least this, or they are better left to others. */
const minGain = 1.03;

export type ThreadChoice = { threads: number; reason: string };

/** The choice that needs no measuring; null where it does. */
export function chooseThreads(options: {
  requested: number | null;
  modelBytes: number;
  cores: number;
  isGpu: boolean;
}): ThreadChoice | null {
  const { requested, modelBytes, cores, isGpu } = options;
  if (requested !== null) return { threads: requested, reason: "as asked for" };
  if (cores <= 1) return { threads: 1, reason: "one core" };
  if (modelBytes < smallModelBytes) return { threads: 1, reason: "small model" };
  if (isGpu) return { threads: Math.min(4, cores), reason: "the GPU does the work" };
  return null;
}

/** Decode steps a second with so many threads, over so many steps. */
export type MeasureSpeed = (threads: number, steps: number) => Promise<number>;

/** Time in which a choice should be clear; every candidate that is in question is measured at least once. */
const budgetMs = 3000;
/** One measurement: long enough for the clock, short enough that all candidates see the same neighbours. */
const roundMs = 60;
const roundSteps = { least: 2, most: 16 } as const;
const leastRounds = 3;
const mostRounds = 15;
/** A candidate this far below the best is not measured again. */
const hopeless = 0.75;
/** So far below that no neighbour can be to blame: not measured a second time, which would take seconds. */
const hopelessAtOnce = 0.4;

/**
 * Measures 1, 2, 4 … threads and all cores, in short rounds that take turns: what else the machine does then falls on all
 * alike. Compares medians, until the best is clear of the others or the time is spent. A further thread that brings less
 * than `minGain` is left to others. `now` in milliseconds.
 */
export async function calibrateThreads(
  cores: number,
  measure: MeasureSpeed,
  now: () => number = () => performance.now(),
): Promise<ThreadChoice> {
  const startedAt = now();
  // Brings the file into memory, which is otherwise counted against the first candidate.
  const firstSpeed = await measure(1, roundSteps.least);
  const steps = clamp(Math.round((firstSpeed * roundMs) / 1000), roundSteps.least, roundSteps.most);
  const all: Candidate[] = threadCandidates(cores).map((threads) => ({ threads, speeds: [] }));
  let open = all;
  for (let round = 0; round < mostRounds && open.length > 1; round++) {
    const inQuestion = open;
    for (const candidate of inQuestion) {
      const isSpent = now() - startedAt > budgetMs;
      if (isSpent && round > 0) break;
      candidate.speeds.push(await measure(candidate.threads, steps));
      if (round > 0 || !isHopeless(candidate, all)) continue;
      if (median(candidate.speeds) < hopelessAtOnce * bestOf(all)) break;
      // Once more, in case a neighbour was to blame. Threads that do make it much slower only get worse with their number.
      candidate.speeds.push(await measure(candidate.threads, steps));
      if (isHopeless(candidate, all)) break;
    }
    open = inQuestion.filter((one) => one.speeds.length > 0 && !isHopeless(one, all));
    if (now() - startedAt > budgetMs || (round + 1 >= leastRounds && isClear(open))) break;
  }
  const measured = all.filter(({ speeds }) => speeds.length > 0);
  const best = bestOf(all);
  const choice = measured.find(({ speeds }) => median(speeds) * minGain >= best)?.threads ?? 1;
  const tried = measured.map(({ threads, speeds }) => `${threads}: ${median(speeds).toFixed(1)}`).join(", ");
  return { threads: choice, reason: `measured, steps/s by threads: ${tried}` };
}

type Candidate = { threads: number; speeds: number[] };

/** The slowest round of the best is faster than every round of the others. */
function isClear(open: readonly Candidate[]): boolean {
  const [best, ...others] = [...open].sort((a, b) => median(b.speeds) - median(a.speeds));
  if (best === undefined) return true;
  return others.every(({ speeds }) => Math.max(...speeds) < Math.min(...best.speeds));
}

/** Even at its fastest. */
function isHopeless({ speeds }: Candidate, all: readonly Candidate[]): boolean {
  return Math.max(...speeds) < hopeless * bestOf(all);
}

function bestOf(candidates: readonly Candidate[]): number {
  return Math.max(...candidates.map(({ speeds }) => median(speeds)));
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Ascending: 1, 2, 4 … and all cores. */
function threadCandidates(cores: number): number[] {
  const candidates: number[] = [];
  for (let threads = 1; threads < cores; threads *= 2) candidates.push(threads);
  return [...candidates, cores];
}

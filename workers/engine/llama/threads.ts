/**
 * How many threads a model gets on a processor. The prebuilt library starts its threads anew for each decode, so a
 * small model on two threads runs many times slower than on one: small files get one, larger ones are measured.
 */

const smallModelBytes = 64 * 1024 * 1024;
/** A further thread must bring at least this, or it is better left to others. */
const minGain = 1.05;

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

/** 1, 2, 4 … and all cores, as long as more threads bring more. `measure` gives tokens per second. */
export async function calibrateThreads(
  cores: number,
  measure: (threads: number) => Promise<number>,
): Promise<ThreadChoice> {
  let best = { threads: 1, speed: await measure(1) };
  const tried = [`1: ${best.speed.toFixed(1)}`];
  for (const threads of threadCandidates(cores)) {
    const speed = await measure(threads);
    tried.push(`${threads}: ${speed.toFixed(1)}`);
    if (speed < best.speed * minGain) break;
    best = { threads, speed };
  }
  return { threads: best.threads, reason: `measured, tokens/s by threads: ${tried.join(", ")}` };
}

function threadCandidates(cores: number): number[] {
  const candidates: number[] = [];
  for (let threads = 2; threads < cores; threads *= 2) candidates.push(threads);
  if (cores > 1) candidates.push(cores);
  return candidates;
}

import { figure, median } from "../stats";

export const ms = (value: number): string => `${figure(value)} ms`;

/** Processor time of this process so far, all its threads, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** A row of the table: of some runs, after three that warm up the compiler. */
export function timed(name: string, goal: string, rounds: number, run: () => unknown): string[] {
  for (let warm = 0; warm < 3; warm++) run();
  const times: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    const cpuBefore = cpuMs();
    run();
    times.push(performance.now() - startedAt);
    cpu.push(cpuMs() - cpuBefore);
  }
  return summary(name, goal, times, cpu);
}

/** Median and longest time, and the median of the processor time: on a shared machine only that says what the work is. */
export function summary(
  name: string,
  goal: string,
  times: readonly number[],
  cpu: readonly number[] = [],
): string[] {
  return [
    name,
    ms(median(times)),
    ms(Math.min(...times)),
    ms(Math.max(...times)),
    cpu.length === 0 ? "" : ms(median(cpu)),
    goal,
  ];
}

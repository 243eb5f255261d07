import { figure, median } from "../stats";

export const ms = (value: number): string => `${figure(value)} ms`;

/** A row of the table: the median and the longest of some runs, after three that warm up the compiler. */
export function timed(name: string, goal: string, rounds: number, run: () => unknown): string[] {
  for (let warm = 0; warm < 3; warm++) run();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    run();
    times.push(performance.now() - startedAt);
  }
  return summary(name, goal, times);
}

export function summary(name: string, goal: string, times: readonly number[]): string[] {
  return [name, ms(median(times)), ms(Math.max(...times)), goal];
}

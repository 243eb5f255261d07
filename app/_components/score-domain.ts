export type ScoreDomain = { min: number; max: number; ticks: readonly number[] };

export type Interval = { lower: number; upper: number };

type DomainOptions = {
  /** Distance of the ticks in points; grows in steps where there would be more than `maxTicks`. */
  step: number;
  maxTicks: number;
  /** Share of the width left free beyond the outermost bounds. */
  margin: number;
};

/**
 * One scale for all given intervals: their hull plus a margin, ticks at round multiples of the step. To scale means that a
 * short interval looks short, so the domain never shrinks below four steps.
 */
export function scoreDomain(intervals: readonly Interval[], options: DomainOptions): ScoreDomain {
  const lows = intervals.map((interval) => interval.lower);
  const highs = intervals.map((interval) => interval.upper);
  const low = lows.length === 0 ? 1000 : Math.min(...lows);
  const high = highs.length === 0 ? 1000 : Math.max(...highs);
  const width = Math.max(high - low, options.step * 4 * (1 - 2 * options.margin));
  const centre = (low + high) / 2;
  const half = width / 2 / (1 - 2 * options.margin);
  const min = centre - half;
  const max = centre + half;

  let step = options.step;
  for (let factor = 0; countTicks(min, max, step) > options.maxTicks; factor += 1)
    step *= factor % 2 === 0 ? 2 : 2.5;
  const first = Math.ceil(min / step);
  const ticks = Array.from({ length: countTicks(min, max, step) }, (_, index) => (first + index) * step);
  return { min, max, ticks };
}

function countTicks(min: number, max: number, step: number): number {
  return Math.floor(max / step) - Math.ceil(min / step) + 1;
}

/** Where a score stands, in per cent of the width. */
export function positionOf(score: number, domain: ScoreDomain): number {
  return ((score - domain.min) / (domain.max - domain.min)) * 100;
}

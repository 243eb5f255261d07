/** A score at a moment (ms), with its 95 % interval. */
export type SeriesPoint = { at: number; score: number; lower: number; upper: number };

/** Where the model had no score the line is broken. */
export type Series = readonly (SeriesPoint | null)[];

type Scale = (value: number) => number;

export function toSeries(
  points: readonly { at: string; score: readonly [number, number, number] | null }[],
): Series {
  return points.map(({ at, score }) =>
    score === null ? null : { at: Date.parse(at), score: score[0], lower: score[1], upper: score[2] },
  );
}

/** Unbroken runs of a series. */
export function runsOf(series: Series): SeriesPoint[][] {
  const runs: SeriesPoint[][] = [];
  let open: SeriesPoint[] | null = null;
  for (const point of series) {
    if (point === null) {
      open = null;
      continue;
    }
    if (open === null) {
      open = [];
      runs.push(open);
    }
    open.push(point);
  }
  return runs;
}

/** SVG path through the scores. */
export function linePath(series: Series, x: Scale, y: Scale): string {
  return runsOf(series)
    .map((run) =>
      run.map((point, index) => `${index === 0 ? "M" : "L"}${xy(x(point.at), y(point.score))}`).join(""),
    )
    .join("");
}

/** SVG path around the intervals. */
export function bandPath(series: Series, x: Scale, y: Scale): string {
  return runsOf(series)
    .filter((run) => run.length > 1)
    .map((run) => {
      const upper = run.map((point) => xy(x(point.at), y(point.upper)));
      const lower = run.map((point) => xy(x(point.at), y(point.lower))).reverse();
      return `M${[...upper, ...lower].join("L")}Z`;
    })
    .join("");
}

/** From the first moment to the last on 0 … `width`; one moment alone stands at the end, which is now. */
export function timeScale(times: readonly number[], width: number): Scale {
  const first = Math.min(...times);
  const last = Math.max(...times);
  return (at) => (last === first ? width : ((at - first) / (last - first)) * width);
}

/**
 * The span of points that small pictures share, so that the same height is the same number of points in each: the widest
 * of them, but neither so narrow that noise looks like news nor so wide that a first interval flattens all the others.
 */
export function sharedSpan(all: readonly Series[]): number {
  const spans = all.map((series) => {
    const points = series.filter((point) => point !== null);
    if (points.length === 0) return 0;
    // The first fits have intervals of hundreds of points; the later half shows what the model has come to.
    const late = points.slice(Math.floor(points.length / 2));
    return Math.max(...late.map((point) => point.upper)) - Math.min(...late.map((point) => point.lower));
  });
  return Math.min(600, Math.max(100, ...spans));
}

function xy(x: number, y: number): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

import type { BoardCalibration } from "@/lib/protocol";

export type PooledBin = {
  from: number;
  to: number;
  votes: number;
  predicted: number;
  observed: number;
  /** Wilson's 95 % interval of what was observed. */
  lower: number;
  upper: number;
};

/** With fewer votes a bin says next to nothing, and its interval fills the picture: it joins its neighbour. */
const leastVotes = 100;
const z = 1.96;

/** Bins in order, each of at least {@link leastVotes} votes where there are so many at all. */
export function poolBins(bins: BoardCalibration["bins"]): PooledBin[] {
  const pooled: Omit<PooledBin, "lower" | "upper">[] = [];
  for (const bin of bins) {
    const last = pooled.at(-1);
    if (last !== undefined && last.votes < leastVotes) pooled[pooled.length - 1] = join(last, bin);
    else pooled.push(bin);
  }
  const [last, before] = [pooled.at(-1), pooled.at(-2)];
  if (last !== undefined && before !== undefined && last.votes < leastVotes)
    pooled.splice(-2, 2, join(before, last));
  return pooled.map(({ from, to, votes, predicted, observed }) => ({
    ...{ from, to, votes, predicted, observed },
    ...wilson(observed, votes),
  }));
}

type Plain = Omit<PooledBin, "lower" | "upper">;

function join(left: Plain, right: Plain): Plain {
  const votes = left.votes + right.votes;
  const mean = (of: (bin: Plain) => number) => (left.votes * of(left) + right.votes * of(right)) / votes;
  return {
    ...{ from: left.from, to: right.to, votes },
    predicted: mean((bin) => bin.predicted),
    observed: mean((bin) => bin.observed),
  };
}

/** Holds its level at shares near 0 and 1 too. Source: Wilson, J. Am. Statist. Assoc. 22 (1927). */
function wilson(share: number, votes: number): { lower: number; upper: number } {
  const shrink = 1 + z ** 2 / votes;
  const centre = (share + z ** 2 / (2 * votes)) / shrink;
  const half = (z / shrink) * Math.sqrt((share * (1 - share)) / votes + z ** 2 / (4 * votes ** 2));
  return { lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}

import { type CountRow, fitCounts, fitParameters, fitVersion } from "./fit-counts";
import { snapshotResult } from "./snapshot-result";

/**
 * A board as a data release prints it: everything in `rating_snapshots`, made from counts alone. Numbers are as JSON writes
 * them, so that two fits can be compared to the last digit.
 */
export function publishedBoard(rows: readonly CountRow[], totals: { votes: number; voters: number }) {
  const fit = fitCounts(rows, totals);
  return {
    ...totals,
    inputsHash: fit.inputsHash,
    parameters: fitParameters,
    codeVersion: fitVersion,
    result: snapshotResult(fit),
  };
}

export type PublishedBoard = ReturnType<typeof publishedBoard>;

import type { Covariance } from "@/lib/rating";
import { type CountRow, fitCounts, fitParameters, fitVersion } from "./fit-counts";

/**
 * A board as a data release prints it: everything in `rating_snapshots`, made from counts alone. Numbers are as JSON writes
 * them, so that two fits can be compared to the last digit.
 */
export function publishedBoard(rows: readonly CountRow[], totals: { votes: number; voters: number }) {
  const { board, modelIds, inputsHash } = fitCounts(rows, totals);
  const { rated } = board;
  return {
    ...totals,
    inputsHash,
    parameters: fitParameters,
    codeVersion: fitVersion,
    result: {
      rows: board.rows.map(({ model, ...row }) => ({ modelId: modelIds[model] ?? null, ...row })),
      rated: rated === null ? [] : Array.from(rated.models, (model) => modelIds[model] ?? null),
      /** Lower triangle of the rated models' covariance in points squared, row by row. */
      covariance: rated === null ? [] : lowerTriangle(rated.scores.covariance),
      converged: board.converged,
    },
  };
}

export type PublishedBoard = ReturnType<typeof publishedBoard>;

function lowerTriangle({ size, values }: Covariance): number[] {
  const triangle: number[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) triangle.push(values[row * size + column] as number);
  }
  return triangle;
}

import type { BoardRow, Covariance } from "@/lib/rating";
import type { BoardFit } from "./fit-counts";

/**
 * What a snapshot keeps of a fit, and a release prints: each model's row, and the lower triangle of the rated models'
 * covariance in points squared, row by row.
 */
export function snapshotResult({ board, modelIds }: Pick<BoardFit, "board" | "modelIds">) {
  const { rated } = board;
  return {
    rows: namedRows(board.rows, modelIds),
    rated: rated === null ? [] : Array.from(rated.models, (model) => modelIds[model] ?? null),
    covariance: rated === null ? [] : lowerTriangle(rated.scores.covariance),
    converged: board.converged,
  };
}

/** Rows of a board by the ids of their models. */
function namedRows(rows: readonly BoardRow[], modelIds: readonly string[]) {
  return rows.map(({ model, ...row }) => ({ modelId: modelIds[model] ?? "", ...row }));
}

function lowerTriangle({ size, values }: Covariance): number[] {
  const triangle: number[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) triangle.push(values[row * size + column] as number);
  }
  return triangle;
}

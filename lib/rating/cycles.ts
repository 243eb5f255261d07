import { RatingError } from "./errors";
import { toPairTable } from "./pair-table";
import { type PairCounts, Z_95 } from "./types";

export type Cycle = {
  /** first beats second, second beats third, third beats first, each by a majority of the votes between them. */
  models: readonly [number, number, number];
  /** z-value of the weakest of the three majorities: how sure the cycle is. */
  z: number;
};

/**
 * Cycles of three among direct majorities: strengths on one line cannot explain them. An edge i → j needs (win_i −
 * win_j) / √(win_i + win_j) ≥ z, McNemar's test, on which ties have no say. With many pairs some cycles appear by
 * chance, so `z` should grow with the board. O(m³) at most.
 *
 * @param z default 1.959963984540054
 * @returns the surest first; each cycle once, its smallest model index first
 * @throws RatingError `bad_counts`; `bad_argument` when z is not positive
 */
export function majorityCycles(modelCount: number, pairs: readonly PairCounts[], z = Z_95): Cycle[] {
  if (!(z > 0)) throw new RatingError("bad_argument", "z must be positive", { z });
  const table = toPairTable(modelCount, pairs);
  const m = modelCount;
  const lead = new Float64Array(m * m);
  for (let k = 0; k < table.size; k++) {
    const i = table.i[k] as number;
    const j = table.j[k] as number;
    const winI = table.winI[k] as number;
    const winJ = table.winJ[k] as number;
    const decided = winI + winJ;
    if (decided === 0) continue;
    const margin = (winI - winJ) / Math.sqrt(decided);
    lead[i * m + j] = margin;
    lead[j * m + i] = -margin;
  }
  const cycles: Cycle[] = [];
  const isEdge = (from: number, to: number): boolean => (lead[from * m + to] as number) >= z;
  for (let a = 0; a < m; a++) {
    for (let b = a + 1; b < m; b++) {
      if (!isEdge(a, b) && !isEdge(b, a)) continue;
      for (let c = b + 1; c < m; c++) {
        const forward = isEdge(a, b) && isEdge(b, c) && isEdge(c, a);
        const backward = isEdge(a, c) && isEdge(c, b) && isEdge(b, a);
        if (!forward && !backward) continue;
        const models = forward ? ([a, b, c] as const) : ([a, c, b] as const);
        const [x, y, w] = models;
        const leadOf = (from: number, to: number): number => lead[from * m + to] as number;
        cycles.push({ models, z: Math.min(leadOf(x, y), leadOf(y, w), leadOf(w, x)) });
      }
    }
  }
  return cycles.sort((a, b) => b.z - a.z);
}

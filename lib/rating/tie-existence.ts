import { RatingError } from "./errors";
import type { PairTable } from "./pair-table";

/**
 * Throws `no_finite_maximum` unless the votes bound a tie parameter from above. The likelihood of Davidson's model
 * (and of Rao and Kupper's) grows without end when strengths δ exist with δ_i − δ_j ≥ 1 wherever i won against j, and
 * |δ_i − δ_j| ≤ 1 wherever they tied: then ties and wins explain each other ever better as δ and the tie parameter
 * grow together. Such δ exist exactly when no cycle holds more wins than ties (Bellman–Ford on difference
 * constraints). Two models that each beat the other are such a cycle, so real votes pass at once.
 */
export function requireSeparateTies(table: PairTable): void {
  for (let k = 0; k < table.size; k++) {
    if ((table.winI[k] as number) > 0 && (table.winJ[k] as number) > 0) return;
  }
  const delta = new Float64Array(table.modelCount);
  for (let round = 0; round <= table.modelCount; round++) {
    let changed = false;
    const raise = (model: number, least: number): void => {
      if ((delta[model] as number) >= least) return;
      delta[model] = least;
      changed = true;
    };
    for (let k = 0; k < table.size; k++) {
      const i = table.i[k] as number;
      const j = table.j[k] as number;
      if ((table.winI[k] as number) > 0) raise(i, (delta[j] as number) + 1);
      if ((table.winJ[k] as number) > 0) raise(j, (delta[i] as number) + 1);
      if ((table.tie[k] as number) + (table.bothBad[k] as number) > 0) {
        raise(i, (delta[j] as number) - 1);
        raise(j, (delta[i] as number) - 1);
      }
    }
    if (!changed) {
      throw new RatingError("no_finite_maximum", "these wins and ties do not bound the tie parameter");
    }
  }
}

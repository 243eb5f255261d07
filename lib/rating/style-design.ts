import { factorCholesky, solveCholesky } from "./cholesky";
import type { Covariate } from "./covariates";
import { RatingError } from "./errors";
import type { VoteTable } from "./vote-table";

/**
 * The rows x = (e_a − e_b, z) of a fit with covariates, without forming them. Parameters are the models' β but for
 * the one held fixed, then γ.
 */
export type Design = {
  votes: VoteTable;
  names: readonly string[];
  /** Covariates, each one value a vote. */
  z: readonly Float64Array[];
  /** Weight of each vote; undefined where all weigh 1. */
  weight: Float64Array | undefined;
  /** Place of each model among the parameters; place m − 1 is held fixed and has no parameter. */
  position: Int32Array;
};

/** Number of parameters: m − 1 + covariates. */
export function parameterCount({ votes, names }: Design): number {
  return votes.modelCount - 1 + names.length;
}

/**
 * The columns of covariates, checked.
 *
 * @throws RatingError `bad_argument` when a column is not as long as the votes; `bad_covariates` for a value that is
 * not finite
 */
export function covariateColumns(size: number, covariates: readonly Covariate[]): Float64Array[] {
  return covariates.map(({ name, values }, k) => {
    if (values.length !== size) {
      throw new RatingError("bad_argument", `covariate ${name} has ${values.length} values, not ${size}`, {
        covariate: k,
      });
    }
    for (let row = 0; row < size; row++) {
      if (!Number.isFinite(values[row] as number)) {
        throw new RatingError("bad_covariates", `covariate ${name}, row ${row}: not a finite number`, {
          covariate: k,
          row,
        });
      }
    }
    return values;
  });
}

/** Votes at a time, so that a block of each column stays in the fastest cache while all products of it are taken. */
const BLOCK = 1024;

/** Σ_r coefficient_r·x_r·x_rᵀ over the parameters, into `result` (n × n, both triangles). O(votes·covariates²). */
export function gram(design: Design, coefficient: Float64Array, result: Float64Array): void {
  const { votes, z, position } = design;
  const { a, b } = votes;
  const m = votes.modelCount;
  const d = m - 1;
  const width = z.length;
  const n = d + width;
  const pair = new Float64Array(m * m);
  const cross = z.map(() => new Float64Array(m));
  const own = new Float64Array(width * width);
  const weighted = new Float64Array(BLOCK);
  for (let from = 0; from < votes.size; from += BLOCK) {
    const to = Math.min(from + BLOCK, votes.size);
    // One write a vote for the models; the four entries of a pair come afterwards.
    for (let row = from; row < to; row++) {
      const at = (a[row] as number) * m + (b[row] as number);
      pair[at] = (pair[at] as number) + (coefficient[row] as number);
    }
    for (let k = 0; k < width; k++) {
      const column = z[k] as Float64Array;
      const ofModels = cross[k] as Float64Array;
      for (let row = from; row < to; row++) {
        const value = (coefficient[row] as number) * (column[row] as number);
        const i = a[row] as number;
        const j = b[row] as number;
        weighted[row - from] = value;
        ofModels[i] = (ofModels[i] as number) + value;
        ofModels[j] = (ofModels[j] as number) - value;
      }
      for (let l = 0; l <= k; l++) {
        const other = z[l] as Float64Array;
        let even = 0;
        let odd = 0;
        let row = from;
        for (; row + 1 < to; row += 2) {
          even += (weighted[row - from] as number) * (other[row] as number);
          odd += (weighted[row - from + 1] as number) * (other[row + 1] as number);
        }
        if (row < to) even += (weighted[row - from] as number) * (other[row] as number);
        own[k * width + l] = (own[k * width + l] as number) + even + odd;
      }
    }
  }
  result.fill(0);
  for (let i = 0; i < m; i++) {
    const p = position[i] as number;
    if (p === d) continue;
    let diagonal = 0;
    for (let j = 0; j < m; j++) {
      const sum = (pair[i * m + j] as number) + (pair[j * m + i] as number);
      diagonal += sum;
      const q = position[j] as number;
      if (q !== d && j !== i) result[p * n + q] = -sum;
    }
    result[p * n + p] = diagonal;
    cross.forEach((column, k) => {
      result[p * n + d + k] = column[i] as number;
      result[(d + k) * n + p] = column[i] as number;
    });
  }
  for (let k = 0; k < width; k++) {
    for (let l = 0; l <= k; l++) {
      const value = own[k * width + l] as number;
      result[(d + k) * n + d + l] = value;
      result[(d + l) * n + d + k] = value;
    }
  }
}

/** A covariate that others explain up to this share of its sum of squares cannot be told from them. */
const UNEXPLAINED = 1e-10;

/**
 * Refuses covariates whose effect the votes cannot tell from the models' strengths and the covariates before them.
 *
 * @param information Σ w·x·xᵀ up to a factor, n × n; @throws RatingError `bad_covariates` that names them
 */
export function requireIndependent(design: Design, information: Float64Array): void {
  const d = design.votes.modelCount - 1;
  const n = parameterCount(design);
  design.names.forEach((name, k) => {
    const size = d + k;
    const squares = information[size * n + size] as number;
    if (!(squares > 0)) {
      throw new RatingError("bad_covariates", `covariate ${name} is zero in all votes`, { covariate: k });
    }
    const block = new Float64Array(size * size);
    for (let row = 0; row < size; row++) {
      block.set(information.subarray(row * n, row * n + size), row * size);
    }
    const column = information.slice(size * n, size * n + size);
    if (!factorCholesky(block, size, block)) {
      throw new RatingError("bad_covariates", `the covariates before ${name} are nearly collinear`, {
        covariate: k,
      });
    }
    const solution = new Float64Array(size);
    solveCholesky(block, size, column, solution);
    let left = squares;
    for (let row = 0; row < size; row++) left -= (column[row] as number) * (solution[row] as number);
    if (left > UNEXPLAINED * squares) return;
    const partners = design.names.flatMap((_, l) => {
      if (l >= k) return [];
      const part = (solution[d + l] as number) ** 2 * (information[(d + l) * n + d + l] as number);
      return part > 1e-6 * squares ? [l] : [];
    });
    const by =
      partners.length === 0 ? "which models met" : partners.map((l) => design.names[l] as string).join(", ");
    throw new RatingError("bad_covariates", `covariate ${name} is collinear: explained by ${by}`, {
      covariate: k,
      partners,
    });
  });
}

import { sampleBinomial } from "./binomial";
import { type BradleyTerryFit, centre, fitWeighted, weightedShares } from "./bradley-terry";
import { mirrorLower, solveCholesky } from "./cholesky";
import { informationFactor } from "./covariance";
import { RatingError } from "./errors";
import { strongComponents } from "./graph";
import { type PairTable, pairVotes } from "./pair-table";
import { type Random, seededRandom } from "./random";
import type { Covariance } from "./types";

/** Natural-logarithm units: less than a thousandth of a point. */
const CHORD_TOLERANCE = 1e-7;

export type BootstrapOptions = {
  /** Number of resamples asked for. Default 200. */
  replicates?: number;
  /** The same seed gives the same resamples everywhere. */
  seed: number;
};

export type Bootstrap = {
  /** β of each resample that could be fitted, row-major, `count` × m, each row with mean zero. */
  beta: Float64Array;
  /** Resamples that could be fitted. */
  count: number;
  /**
   * Resamples in which some model only won or only lost, or had no votes: they have no finite β and are left out.
   * Where there are more than a few, the votes are too few for this bootstrap, and what it shows is too narrow.
   */
  withoutMaximum: number;
};

/**
 * Multinomial bootstrap of a fit: draws as many votes as there are, with replacement, by drawing the counts of all
 * cells (pair × i wins, j wins, tie) at once, and fits each draw. It is the audit of the sandwich: both estimate the
 * same spread. The weighting of votes stays that of the fit.
 *
 * Costs O(cells) binomial numbers and a few O(pairs + m²) steps a resample: the Hessian at the fit serves all
 * resamples, since they maximise nearly the same function; one that it does not serve falls back to Newton's method.
 *
 * @throws RatingError `bad_counts` when a count is no integer; `bad_argument` for a bad number of replicates
 * Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), 6.
 */
export function bootstrapBradleyTerry(fit: BradleyTerryFit, options: BootstrapOptions): Bootstrap {
  const { replicates = 200, seed } = options;
  if (!Number.isInteger(replicates) || replicates < 1) {
    throw new RatingError("bad_argument", "replicates must be a positive integer", { replicates });
  }
  const m = fit.beta.length;
  const draw = cellSampler(fit.table, seededRandom(seed));
  const refit = chordFitter(fit);
  const rows: Float64Array[] = [];
  let withoutMaximum = 0;
  for (let replicate = 0; replicate < replicates; replicate++) {
    const sample = draw();
    if (strongComponents(sample).count > 1) withoutMaximum++;
    else rows.push(refit(sample) ?? fitWeighted(sample, fit.weight, {}, fit.beta).beta);
  }
  const beta = new Float64Array(rows.length * m);
  rows.forEach((row, at) => {
    beta.set(row, at * m);
  });
  return { beta, count: rows.length, withoutMaximum };
}

/**
 * Covariance of the resampled β: Σ_r (β_r − β̄)(β_r − β̄)ᵀ / (count − 1), mean-zero gauge.
 *
 * @throws RatingError `bad_argument` for fewer than two resamples
 */
export function bootstrapCovariance(bootstrap: Bootstrap): Covariance {
  const { beta, count } = bootstrap;
  if (count < 2) throw new RatingError("bad_argument", "two resamples are needed at least", { count });
  const m = beta.length / count;
  const mean = new Float64Array(m);
  for (let at = 0; at < beta.length; at++)
    mean[at % m] = (mean[at % m] as number) + (beta[at] as number) / count;
  const values = new Float64Array(m * m);
  for (let r = 0; r < count; r++) {
    for (let i = 0; i < m; i++) {
      const left = ((beta[r * m + i] as number) - (mean[i] as number)) / (count - 1);
      for (let j = 0; j <= i; j++) {
        const right = (beta[r * m + j] as number) - (mean[j] as number);
        values[i * m + j] = (values[i * m + j] as number) + left * right;
      }
    }
  }
  mirrorLower(values, m);
  return { size: m, values };
}

/** Draws tables of the same pairs and the same number of votes; each call overwrites the table of the call before. */
function cellSampler(table: PairTable, random: Random): () => PairTable {
  const votes = pairVotes(table);
  const columns = [table.winI, table.winJ, table.tie, table.bothBad];
  if (!columns.every((column) => column.every(Number.isInteger))) {
    throw new RatingError("bad_counts", "a bootstrap needs whole votes");
  }
  const all = votes.reduce((sum, count) => sum + count, 0);
  const sample: PairTable = {
    ...table,
    winI: new Float64Array(table.size),
    winJ: new Float64Array(table.size),
    tie: new Float64Array(table.size),
    bothBad: new Float64Array(table.size),
  };
  return () => {
    let drawsLeft = all;
    let countLeft = all;
    // A multinomial number, cell by cell: each takes a binomial share of the draws that are left.
    const take = (count: number): number => {
      if (count === 0) return 0;
      const drawn = sampleBinomial(drawsLeft, count / countLeft, random);
      drawsLeft -= drawn;
      countLeft -= count;
      return drawn;
    };
    for (let k = 0; k < table.size; k++) {
      sample.winI[k] = take(table.winI[k] as number);
      sample.winJ[k] = take(table.winJ[k] as number);
      // The fit knows only ties, so both kinds are drawn together.
      sample.tie[k] = take((table.tie[k] as number) + (table.bothBad[k] as number));
    }
    return sample;
  };
}

/**
 * Fits a sample by steps H⁻¹∇ with the Hessian of the original fit (the chord method). The error shrinks at every
 * step by the relative change of the Hessian, a few percent for a resample of many votes.
 *
 * @returns a function that gives β, or undefined where the steps do not shrink fast enough
 */
function chordFitter(fit: BradleyTerryFit): (sample: PairTable) => Float64Array | undefined {
  const m = fit.beta.length;
  const d = m - 1;
  const { factor, position } = informationFactor(fit);
  const step = new Float64Array(m);
  return (sample) => {
    const { total, share } = weightedShares(sample, fit.weight);
    const beta = fit.beta.slice();
    let before = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 20; round++) {
      step.fill(0);
      for (let k = 0; k < sample.size; k++) {
        const i = sample.i[k] as number;
        const j = sample.j[k] as number;
        const p = 1 / (1 + Math.exp((beta[j] as number) - (beta[i] as number)));
        const residual = (share[k] as number) - (total[k] as number) * p;
        const left = position[i] as number;
        const right = position[j] as number;
        step[left] = (step[left] as number) + residual;
        step[right] = (step[right] as number) - residual;
      }
      // Place d belongs to the fixed model: the solver does not look at it.
      solveCholesky(factor, d, step, step);
      step[d] = 0;
      let size = 0;
      for (let k = 0; k < m; k++) {
        const change = step[position[k] as number] as number;
        size = Math.max(size, Math.abs(change));
        beta[k] = (beta[k] as number) + change;
      }
      if (size <= CHORD_TOLERANCE) {
        centre(beta);
        return beta;
      }
      if (!(size <= before / 2)) return undefined;
      before = size;
    }
    return undefined;
  };
}

import { type BoardOf, type LayoutOptions, layOut } from "./board";
import type { BradleyTerryOptions } from "./bradley-terry";
import type { Covariate } from "./covariates";
import { RatingError } from "./errors";
import { fitStyleControl, type StyleFit } from "./style-control";
import { styleCovariance } from "./style-covariance";
import { Z_95 } from "./types";
import { checkVoteTable, countVotes, type VoteTable } from "./vote-table";

export type StyleBoardOptions = LayoutOptions &
  BradleyTerryOptions & {
    /**
     * Voter of each vote, −1 where unknown: votes of one voter are then taken as dependent. Where all votes are of one
     * voter nothing can be told of that, and they are taken as independent.
     */
    voters?: Int32Array;
    /** See `sandwichCovariance`. Default 10, as for every board. */
    cautionVotes?: number;
  };

export type CovariateEffect = {
  name: string;
  /** γ, natural-logarithm units for one unit of the covariate, with its interval γ ± z·standardError. */
  gamma: number;
  standardError: number;
  lower: number;
  upper: number;
};

export type StyleBoard = BoardOf<StyleFit> & {
  /** Effect of each covariate; empty when nothing could be rated. */
  effects: CovariateEffect[];
};

/**
 * A board with covariates held equal: as `fitBoard` it rates the largest group of models whose strengths the votes
 * determine, says why each other model has no score, and gives ranks and tiers; the strengths are those of
 * `fitStyleControl` on the votes within the group.
 *
 * Few votes with many covariates are refused rather than guessed: see the errors of `fitStyleControl`.
 *
 * @param covariates each with one value a vote, seen from side A
 * @throws RatingError `bad_argument`, `bad_counts` for input that is no vote data; `bad_covariates` and
 * `no_finite_maximum` for covariates whose effect the votes cannot tell
 */
export function fitStyleBoard(
  votes: VoteTable,
  covariates: readonly Covariate[],
  options: StyleBoardOptions = {},
): StyleBoard {
  checkVoteTable(votes);
  const { voters, z = Z_95, cautionVotes = 10 } = options;
  if (
    (voters !== undefined && voters.length !== votes.size) ||
    covariates.some(({ values }) => values.length !== votes.size)
  ) {
    throw new RatingError("bad_argument", "voters and covariates need one value a vote", {
      size: votes.size,
    });
  }
  let effects: CovariateEffect[] = [];
  const board = layOut(votes.modelCount, countVotes(votes), options, (_table, models) => {
    const rows = rowsAmong(votes, models);
    const place = new Int32Array(votes.modelCount);
    models.forEach((model, at) => {
      place[model] = at;
    });
    const within: VoteTable = {
      modelCount: models.length,
      size: rows.length,
      a: rows.map((row) => place[votes.a[row] as number] as number),
      b: rows.map((row) => place[votes.b[row] as number] as number),
      outcome: Uint8Array.from(rows, (row) => votes.outcome[row] as number),
    };
    const fit = fitStyleControl(
      within,
      covariates.map(({ name, values }) => ({
        name,
        values: Float64Array.from(rows, (row) => values[row] as number),
      })),
      options,
    );
    const own = voters && rows.map((row) => voters[row] as number);
    const { beta, gamma } = styleCovariance(fit, {
      cautionVotes,
      voters: own !== undefined && hasTwoVoters(own) ? own : undefined,
    });
    effects = fit.names.map((name, k) => {
      const value = fit.gamma[k] as number;
      const standardError = Math.sqrt(gamma.values[k * gamma.size + k] as number);
      return {
        ...{ name, gamma: value, standardError },
        ...{ lower: value - z * standardError, upper: value + z * standardError },
      };
    });
    return { fit, covariance: beta };
  });
  return { ...board, effects };
}

/** Each unknown voter is somebody else. */
function hasTwoVoters(voters: Int32Array): boolean {
  const first = voters[0];
  return voters.some((voter) => voter !== first || voter === -1) && voters.length > 1;
}

/** Votes of which both models are among some. */
function rowsAmong(votes: VoteTable, models: Int32Array): Int32Array {
  const isAmong = new Uint8Array(votes.modelCount);
  for (const model of models) isAmong[model] = 1;
  const isKept = (row: number): boolean =>
    isAmong[votes.a[row] as number] === 1 && isAmong[votes.b[row] as number] === 1;
  return Int32Array.from({ length: votes.size }, (_, row) => row).filter(isKept);
}

import type { BoardPairs, TieModelName, UnratedReasonName } from "@/lib/protocol";
import {
  type BoardOptions,
  type BoardRow,
  countVotes,
  fitBoard,
  fitStyleBoard,
  RatingError,
} from "@/lib/rating";
import { covariatesOf } from "./covariates";
import { type ForkChoice, type ForkCovariate, needsVotes } from "./fork-choice";
import { oddVoters } from "./odd-voters";
import type { VoteFile } from "./vote-file";
import { selectRows, type VoteRows } from "./vote-rows";

export type ForkRating = { score: number; lower: number; upper: number; isPreliminary: boolean };

export type ForkRow = {
  model: string;
  /** The choice leaves the model's votes out. */
  isLeftOut: boolean;
  /** Votes in the fork's fit. */
  votes: number;
  rating: ForkRating | null;
  unratedReason: UnratedReasonName | null;
  /** By the published fit of the same pair counts; null where that has no score. */
  published: ForkRating | null;
};

export type ForkEffect = { name: ForkCovariate; gamma: number; lower: number; upper: number };

export type ForkFit = {
  /** One a model of the pairs, in their order. */
  rows: ForkRow[];
  effects: ForkEffect[];
  /** `half` where the votes do not determine the tie model asked for. */
  fittedTies: TieModelName;
  converged: boolean;
  /** Votes that were fitted. */
  votes: number;
  /** Voters left out, and those there were; null where the choice does not look at them. */
  odd: { voters: number; of: number } | null;
  /** False: the covariates asked for are not determined by these votes, and no scores are given. */
  isDetermined: boolean;
};

export type ForkProgress = { step: "voters" | "fit" /** 0 … 1 */; done: number };

const tieModels = {
  half: "half",
  davidson: "davidson",
  rao_kupper: "rao_kupper",
  grounded: "grounded_rao_kupper",
} as const satisfies Record<TieModelName, BoardOptions["tieModel"]>;

/**
 * The board that a reader asks for, from what is published; the same numbers on every machine, up to the last digits of
 * its `exp` and `log`. With the published choices it is the published board.
 *
 * Scores are relative: where the fork rates other models than the published board, its scores are moved so that the
 * models that both rate have the same mean on both.
 *
 * @param votes needed where `needsVotes` says so; its models are found by name among those of `pairs`
 * @throws AppError, RatingError for data that is none
 */
export function fitFork(
  pairs: BoardPairs,
  votes: VoteFile | null,
  choice: ForkChoice,
  onProgress: (progress: ForkProgress) => void = () => undefined,
): ForkFit {
  const names = pairs.models.map(({ model }) => model);
  const counts = pairs.pairs.map(([i, j, winI, winJ, tie, bothBad]) => ({ i, j, winI, winJ, tie, bothBad }));
  const published = names.length === 0 ? [] : fitBoard(names.length, counts).rows;
  const left = new Set(choice.without);
  const kept = names.flatMap((name, at) => (left.has(name) ? [] : [at]));
  const place = new Int32Array(names.length).fill(-1);
  kept.forEach((at, position) => {
    place[at] = position;
  });

  const fitted =
    kept.length === 0
      ? nothing
      : votes !== null && needsVotes(choice)
        ? fitVotes(pairs, votes, choice, place, kept, onProgress)
        : fitCounts(
            kept.length,
            counts.flatMap((pair) => {
              const [i, j] = [place[pair.i] as number, place[pair.j] as number];
              return i < 0 || j < 0 ? [] : [{ ...pair, i, j }];
            }),
            choice,
          );
  const rows = names.map((model, at): ForkRow => {
    const row = fitted.rows[place[at] as number];
    return {
      ...{ model, isLeftOut: left.has(model) },
      ...{ votes: row?.votes ?? 0, unratedReason: row?.unratedReason ?? null },
      ...{ rating: toRating(row), published: toRating(published[at]) },
    };
  });
  return { ...fitted, rows: alignMeans(rows) };
}

type Fitted = Omit<ForkFit, "rows"> & { rows: readonly BoardRow[] };

const nothing: Fitted = {
  ...{ rows: [], effects: [], fittedTies: "half", converged: true, votes: 0, odd: null, isDetermined: true },
};

function fitCounts(
  modelCount: number,
  counts: Parameters<typeof fitBoard>[1],
  { ties, weights }: ForkChoice,
): Fitted {
  const board = fitBoard(modelCount, counts, { tieModel: tieModels[ties], weighting: weights });
  const votes = counts.reduce((sum, pair) => sum + pair.winI + pair.winJ + pair.tie + pair.bothBad, 0);
  return {
    ...{ rows: board.rows, converged: board.converged, votes },
    fittedTies: board.tieModel === "grounded_rao_kupper" ? "grounded" : board.tieModel,
    ...{ effects: [], odd: null, isDetermined: true },
  };
}

function fitVotes(
  pairs: BoardPairs,
  file: VoteFile,
  choice: ForkChoice,
  place: Int32Array,
  kept: readonly number[],
  onProgress: (progress: ForkProgress) => void,
): Fitted {
  const at = new Map(pairs.models.map(({ model }, index) => [model, index]));
  const placeInFile = Int32Array.from(file.models, (name) => place[at.get(name) ?? -1] ?? -1);
  const modelCount = kept.length;
  const select = (isKept: (voter: number) => boolean): VoteRows =>
    selectRows(file, pairs.category, { modelCount, place: placeInFile, isKept });
  let votes = select(() => true);
  let odd: Fitted["odd"] = null;
  if (choice.withoutOddVoters) {
    const isOdd = oddVoters(votes, file.voters, (done) => onProgress({ step: "voters", done }));
    odd = {
      voters: isOdd.reduce((sum, flag) => sum + flag, 0),
      of: new Set(votes.voter).size,
    };
    votes = select((voter) => isOdd[voter] === 0);
  }
  onProgress({ step: "fit", done: 0 });
  if (choice.covariates.length === 0)
    return { ...fitCounts(modelCount, countVotes(votes), choice), odd, votes: votes.size };

  const organizations = [...new Set(pairs.models.map(({ organization }) => organization))];
  const organization = kept.map((model) => {
    const name = pairs.models[model]?.organization ?? null;
    return name === null ? -1 : organizations.indexOf(name);
  });
  const covariates = covariatesOf(votes, choice.covariates, organization);
  try {
    const board = fitStyleBoard(votes, covariates, { voters: votes.voter, weighting: choice.weights });
    return {
      ...{ rows: board.rows, converged: board.converged, votes: votes.size, odd, isDetermined: true },
      fittedTies: "half",
      effects: board.effects.map(({ name, gamma, lower, upper }) => ({
        ...{ name: name as ForkCovariate, gamma, lower, upper },
      })),
    };
  } catch (error) {
    if (error instanceof RatingError && isUndetermined(error))
      return { ...nothing, votes: votes.size, odd, isDetermined: false };
    throw error;
  }
}

/** The votes leave open how much a covariate does, as few votes with many covariates may. */
export function isUndetermined(error: RatingError): boolean {
  return error.code === "bad_covariates" || error.code === "no_finite_maximum";
}

function toRating(row: BoardRow | undefined): ForkRating | null {
  if (row === undefined || row.rating === null) return null;
  const { score, lower, upper, isPreliminary } = row.rating;
  return { score, lower, upper, isPreliminary };
}

/** Only the difference of scores has a meaning: where both rate the same models, nothing moves, not even by rounding. */
function alignMeans(rows: ForkRow[]): ForkRow[] {
  const both = rows.filter(({ rating, published }) => rating !== null && published !== null);
  const isSame = rows.every(({ rating, published }) => (rating === null) === (published === null));
  if (both.length === 0 || isSame) return rows;
  const shift =
    both.reduce((sum, { rating, published }) => sum + (published?.score ?? 0) - (rating?.score ?? 0), 0) /
    both.length;
  return rows.map((row) => ({
    ...row,
    rating:
      row.rating === null
        ? null
        : {
            ...row.rating,
            score: row.rating.score + shift,
            lower: row.rating.lower + shift,
            upper: row.rating.upper + shift,
          },
  }));
}

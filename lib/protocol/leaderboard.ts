import { z } from "zod";
import { categorySchema } from "./categories";

/**
 * Boards and what can be read of them. Numbers of votes leave out what is excluded; scores are points (400 points are
 * odds of 10 : 1); intervals are of 95 %; shares count a tie of either kind ½.
 *
 *   GET /api/leaderboard               boardQuery → leaderboard (with an ETag)
 *   GET /api/leaderboard/events        boardKeyQuery → SSE; a `board` frame (boardEvent) at once and for each new fit
 *   GET /api/leaderboard/pairs         boardPairsQuery → boardPairs (with an ETag)
 *   GET /api/leaderboard/votes         boardVotesQuery → the board's votes by column, as lib/fork describes (with an ETag)
 *   GET /api/leaderboard/history       historyQuery → boardHistory
 *   GET /api/leaderboard/calibration   boardKeyQuery → boardCalibration
 *   GET /api/leaderboard/h2h           headToHeadQuery → headToHead
 *   GET /api/models/:name              boardNameQuery → modelCard
 *
 * Errors: `invalid_request` with `param`; `model_not_found` where a model is named; `not_found` for an edition that was never
 * published, `rate_limited` for too many earlier ones.
 */

/** Anonymous battles, comparisons of named models, and votes of judges: never mixed. */
export const boardNames = ["blind", "compare", "judge"] as const;
export const boardNameSchema = z.enum(boardNames);
export type BoardName = z.infer<typeof boardNameSchema>;

/** How ties enter: ½ to each side, or a model of ties (RATINGS "Tie models"). */
export const tieModelNames = ["half", "davidson", "rao_kupper", "grounded"] as const;
export const tieModelNameSchema = z.enum(tieModelNames);
export type TieModelName = z.infer<typeof tieModelNameSchema>;

/** `votes`: each vote weighs 1. `pairs`: each weighs 1 / max(votes of its pair, 50). */
export const weightingNameSchema = z.enum(["votes", "pairs"]);
export type WeightingName = z.infer<typeof weightingNameSchema>;

const flagSchema = z.enum(["0", "1"]).transform((value) => value === "1");

const boardNameShape = { board: boardNameSchema.default("blind") };
const boardKeyShape = { ...boardNameShape, category: categorySchema.default("overall") };

export const boardNameQuerySchema = z.strictObject(boardNameShape);
export type BoardNameQuery = z.infer<typeof boardNameQuerySchema>;
export const boardKeyQuerySchema = z.strictObject(boardKeyShape);
export type BoardKeyQuery = z.infer<typeof boardKeyQuerySchema>;

/** As an earlier answer named what it gave; absent: as it is now. */
const editionSchema = z.string().min(1).max(64).optional();
export const boardPairsQuerySchema = z.strictObject({ ...boardKeyShape, edition: editionSchema });
/** The answer names its own edition in the header `x-board-edition`. */
export const boardVotesQuerySchema = z.strictObject({ ...boardNameShape, edition: editionSchema });

/** `style=1` and `weights=pairs` each go with `ties=half` only, and not together: anything else is `invalid_request`. */
export const boardQuerySchema = z
  .strictObject({
    ...boardKeyShape,
    /** 1: length, headers, bold and lists of the answers, and the side, held equal. */
    style: flagSchema.default(false),
    ties: tieModelNameSchema.default("half"),
    weights: weightingNameSchema.default("votes"),
    /** Models with fewer votes are left out, and ranks are among those that stay. */
    minVotes: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
    showRetired: flagSchema.default(false),
  })
  .refine((query) => !query.style || query.ties === "half", {
    path: ["ties"],
    message: "style control goes with ties=half only",
  })
  .refine((query) => query.weights === "votes" || (query.ties === "half" && !query.style), {
    path: ["weights"],
    message: "weights=pairs goes with ties=half and without style control",
  });
export type BoardQuery = z.infer<typeof boardQuerySchema>;

export const unratedReasonSchema = z.enum([
  "no_votes",
  "disconnected",
  "only_wins",
  "only_losses",
  "not_separable",
]);
export type UnratedReasonName = z.infer<typeof unratedReasonSchema>;

/** Millionths of a US dollar for a million tokens. */
const priceSchema = z.strictObject({
  inputMicros: z.number().int().nonnegative(),
  outputMicros: z.number().int().nonnegative(),
});

export const boardStageSchema = z.enum(["public", "experimental", "retired"]);

const modelFactsShape = {
  model: z.string(),
  displayName: z.string(),
  organization: z.string().nullable(),
  licence: z.string().nullable(),
  contextLength: z.number().int().nullable(),
  price: priceSchema.nullable(),
  stage: boardStageSchema,
  elo: z.number(),
};

export const boardRatingSchema = z.strictObject({
  score: z.number(),
  lower: z.number(),
  upper: z.number(),
  /** Among the models of the answer; 1 is first. */
  rankBest: z.number().int(),
  rankWorst: z.number().int(),
  /** True while so few votes back the score that it may still move far. */
  isPreliminary: z.boolean(),
  /** 1 is the best tier. */
  tier: z.number().int(),
});
export type BoardRatingView = z.infer<typeof boardRatingSchema>;

export const leaderboardRowSchema = z.strictObject({
  ...modelFactsShape,
  votes: z.number().int(),
  /** Wins plus half the ties, over votes; null without votes. */
  winRate: z.number().nullable(),
  /** Null where the votes do not determine a score; `unratedReason` says why. */
  rating: boardRatingSchema.nullable(),
  unratedReason: unratedReasonSchema.nullable(),
});
export type LeaderboardRow = z.infer<typeof leaderboardRowSchema>;

/** What a covariate adds to the logit of a win for one standard deviation of it (`position`: for standing on side A). */
export const styleEffectSchema = z.strictObject({
  name: z.enum(["tokens", "headers", "bold", "lists", "position"]),
  gamma: z.number(),
  lower: z.number(),
  upper: z.number(),
});
export type StyleEffect = z.infer<typeof styleEffectSchema>;

/** Battles of a model against itself: what voters see where there is nothing to see. Never on a board. */
export const noiseFloorSchema = z.strictObject({
  votes: z.number().int(),
  /** Votes that preferred a side. */
  preferredA: z.number().int(),
  preferredB: z.number().int(),
});
export type NoiseFloor = z.infer<typeof noiseFloorSchema>;

export const leaderboardSchema = z.strictObject({
  board: boardNameSchema,
  category: categorySchema,
  style: z.boolean(),
  /** As asked for; where the votes do not determine that tie model, `fittedTies` says `half`. */
  ties: tieModelNameSchema,
  fittedTies: tieModelNameSchema,
  weights: weightingNameSchema,
  /** Null for a fit that is made for this answer and not kept: another tie model or other weights. */
  snapshotId: z.uuid().nullable(),
  /** SHA-256 of the counts or votes that were fitted. */
  inputsHash: z.string(),
  codeVersion: z.string(),
  fittedAt: z.iso.datetime().nullable(),
  /** False: style control was asked for and its first fit is still being made, or the votes do not determine it yet. */
  isReady: z.boolean(),
  converged: z.boolean(),
  votes: z.number().int(),
  /** Distinct voters of the board; null for a category. */
  voters: z.number().int().nullable(),
  /** Categories of this board that have votes: overall first, then by votes. */
  categories: z.array(z.strictObject({ category: categorySchema, votes: z.number().int() })),
  /** Empty without style control. */
  styleEffects: z.array(styleEffectSchema),
  /** Null while there are no such votes, and on boards other than `blind`. */
  noiseFloor: noiseFloorSchema.nullable(),
  /** Rated models first, by score; then the others by votes. */
  rows: z.array(leaderboardRowSchema),
});
export type Leaderboard = z.infer<typeof leaderboardSchema>;

export const boardEventSchema = z.strictObject({
  board: boardNameSchema,
  category: categorySchema,
  snapshotId: z.uuid(),
});
export type BoardEvent = z.infer<typeof boardEventSchema>;

/**
 * All that the fit of a board is made from. `pairs` are [i, j, wins of i, wins of j, ties, both bad], i and j positions in
 * `models`, each pair once. Heatmaps and a fit in the browser come from it: battles of a pair are the sum of the four
 * counts, the win fraction of i is (wins of i + ½ (ties + both bad)) / battles.
 */
export const boardPairsSchema = z.strictObject({
  board: boardNameSchema,
  category: categorySchema,
  /** Null also for an earlier edition. */
  snapshotId: z.uuid().nullable(),
  inputsHash: z.string(),
  codeVersion: z.string(),
  /** Names these counts, and asks for them again later. */
  edition: z.string(),
  /** The edition of the board's votes at the same moment; null where it is not known, in an earlier edition of a category. */
  votesEdition: z.string().nullable(),
  votes: z.number().int(),
  /** When they became what they are; null where that is not known. */
  countedAt: z.iso.datetime().nullable(),
  /** Best score first, then the unrated. Every model with votes, retired ones too: the scores depend on them. */
  models: z.array(z.strictObject({ ...modelFactsShape, votes: z.number().int() })),
  pairs: z.array(
    z.tuple([
      z.number().int(),
      z.number().int(),
      z.number().int(),
      z.number().int(),
      z.number().int(),
      z.number().int(),
    ]),
  ),
});
export type BoardPairs = z.infer<typeof boardPairsSchema>;

/** [score, lower, upper] */
const scorePointSchema = z.tuple([z.number(), z.number(), z.number()]);

export const historyQuerySchema = z.strictObject({
  ...boardKeyShape,
  /** Comma-separated names; absent: all public models. */
  models: z.string().max(20_000).optional(),
  /** Only fits from then on. */
  since: z.iso.datetime().optional(),
});
export type HistoryQuery = z.infer<typeof historyQuerySchema>;

/** Hourly fits of the last seven days, daily ones before (the last of each day, UTC). */
export const boardHistorySchema = z.strictObject({
  board: boardNameSchema,
  category: categorySchema,
  models: z.array(z.strictObject({ model: z.string(), displayName: z.string() })),
  /** Oldest first. */
  points: z.array(
    z.strictObject({
      at: z.iso.datetime(),
      votes: z.number().int(),
      /** One a model, in the order of `models`; null where it had no score. */
      scores: z.array(scorePointSchema.nullable()),
    }),
  ),
});
export type BoardHistory = z.infer<typeof boardHistorySchema>;

/** Predictions on votes that the fit has not seen (five folds). Every battle is seen from its favourite's side. */
export const boardCalibrationSchema = z.strictObject({
  board: boardNameSchema,
  category: categorySchema,
  snapshotId: z.uuid().nullable(),
  votes: z.number().int(),
  folds: z.number().int(),
  /** Mean loss a vote, natural logarithm; `chance` is ln 2, of knowing nothing. Null where nothing could be predicted. */
  logLoss: z.number().nullable(),
  chance: z.number(),
  /** Bins of equal width of the predicted share, ½ … 1; empty ones left out. */
  bins: z.array(
    z.strictObject({
      from: z.number(),
      to: z.number(),
      votes: z.number(),
      predicted: z.number(),
      observed: z.number(),
      standardError: z.number(),
    }),
  ),
});
export type BoardCalibration = z.infer<typeof boardCalibrationSchema>;

const recordShape = {
  votes: z.number().int(),
  wins: z.number().int(),
  losses: z.number().int(),
  ties: z.number().int(),
  bothBad: z.number().int(),
};

/** A share with its interval. */
const shareSchema = z.strictObject({ value: z.number(), lower: z.number(), upper: z.number() });

export const headToHeadQuerySchema = z.strictObject({
  ...boardNameShape,
  a: z.string().min(1).max(256),
  b: z.string().min(1).max(256),
});
export type HeadToHeadQuery = z.infer<typeof headToHeadQuerySchema>;

export const headToHeadRecordSchema = z.strictObject({
  category: categorySchema,
  /** Direct votes between the two, as `a` sees them. */
  direct: z.strictObject({
    ...recordShape,
    /** Wilson's interval; null without direct votes. */ share: shareSchema.nullable(),
  }),
  /** Share of `a` against `b` as the whole board predicts it; null where one of them is unrated. */
  predicted: shareSchema.nullable(),
  /** Score of `a` less that of `b`. */
  scoreDifference: shareSchema.nullable(),
  /** P(a is better than b). */
  probabilityBetter: z.number().nullable(),
  isSeparated: z.boolean(),
  /**
   * Further direct votes that would separate the two with a chance of 80 % if the gap is as estimated: 0 when they are;
   * null where one is unrated or the scores are equal.
   */
  votesToSeparate: z.number().int().nullable(),
});
export type HeadToHeadRecord = z.infer<typeof headToHeadRecordSchema>;

export const headToHeadSchema = z.strictObject({
  board: boardNameSchema,
  a: z.strictObject(modelFactsShape),
  b: z.strictObject(modelFactsShape),
  overall: headToHeadRecordSchema,
  /** Other categories in which either has votes, most direct votes first. */
  categories: z.array(headToHeadRecordSchema),
});
export type HeadToHead = z.infer<typeof headToHeadSchema>;

export const opponentSchema = z.strictObject({
  model: z.string(),
  displayName: z.string(),
  ...recordShape,
  share: shareSchema,
  /** As the board predicts it; null where one is unrated. */
  predicted: z.number().nullable(),
});
export type Opponent = z.infer<typeof opponentSchema>;

export const modelCardSchema = z.strictObject({
  board: boardNameSchema,
  ...modelFactsShape,
  tags: z.array(z.string()),
  createdAt: z.iso.datetime(),
  /** Whether a healthy worker serves it now. */
  isServed: z.boolean(),
  /** Place on the overall board, retired models included. */
  votes: z.number().int(),
  winRate: z.number().nullable(),
  rating: boardRatingSchema.nullable(),
  unratedReason: unratedReasonSchema.nullable(),
  /** Oldest first, steps as in `boardHistory`. */
  history: z.array(
    z.strictObject({ at: z.iso.datetime(), votes: z.number().int(), score: scorePointSchema.nullable() }),
  ),
  /** Votes counted on each UTC day that had any, oldest first. */
  votesByDay: z.array(z.strictObject({ day: z.iso.date(), votes: z.number().int() })),
  categories: z.array(
    z.strictObject({
      category: categorySchema,
      votes: z.number().int(),
      winRate: z.number().nullable(),
      rating: boardRatingSchema.nullable(),
      /** Points above the overall score, both against the mean of the models rated in both; null without both scores. */
      againstOverall: z.number().nullable(),
    }),
  ),
  /** Every opponent, most votes first. */
  opponents: z.array(opponentSchema),
  /** Names of at most five: highest lower end of the share's interval, and lowest upper end. */
  bestOpponents: z.array(z.string()),
  worstOpponents: z.array(z.string()),
});
export type ModelCard = z.infer<typeof modelCardSchema>;

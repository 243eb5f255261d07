import { z } from "zod";

/**
 * `GET /api/leaderboard` → leaderboard, and `GET /api/leaderboard/events` → SSE whose `board` frames carry the
 * `snapshotId` of each new fit.
 */

export const leaderboardRowSchema = z.strictObject({
  model: z.string(),
  displayName: z.string(),
  organization: z.string().nullable(),
  licence: z.string().nullable(),
  contextLength: z.number().int().nullable(),
  votes: z.number().int(),
  /** Wins plus half the ties, over votes; null without votes. */
  winRate: z.number().nullable(),
  elo: z.number(),
  /** Null where the votes do not determine a score; `unratedReason` says why. */
  rating: z
    .strictObject({
      score: z.number(),
      lower: z.number(),
      upper: z.number(),
      rankBest: z.number().int(),
      rankWorst: z.number().int(),
      /** True while so few votes back the score that it may still move far. */
      isPreliminary: z.boolean(),
      /** 1 is the best tier. */
      tier: z.number().int(),
    })
    .nullable(),
  unratedReason: z.enum(["no_votes", "disconnected", "only_wins", "only_losses", "not_separable"]).nullable(),
});
export type LeaderboardRow = z.infer<typeof leaderboardRowSchema>;

export const leaderboardSchema = z.strictObject({
  snapshotId: z.uuid().nullable(),
  fittedAt: z.iso.datetime().nullable(),
  votes: z.number().int(),
  voters: z.number().int(),
  rows: z.array(leaderboardRowSchema),
});
export type Leaderboard = z.infer<typeof leaderboardSchema>;

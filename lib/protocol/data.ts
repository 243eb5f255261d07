import { z } from "zod";
import { categorySchema } from "./categories";
import { boardNameSchema } from "./leaderboard";

/**
 * What researchers get without a key.
 *
 *   GET /api/data/releases                          → releaseList, the newest first
 *   GET /api/data/releases/:release/files/:file     → the file; with an ETag (its SHA-256), HEAD, one byte range
 *   GET /api/data/pairs?board&category&format       → pair counts as they are now, JSON or CSV
 *   GET /api/data/ratings?board&category&format     → scores with their covariance, JSON; CSV without the covariance
 *
 * Errors: `release_not_found`, `invalid_request` with `param`.
 */

export const releaseViewSchema = z.strictObject({
  /** Its folder, which its addresses name. */
  name: z.string(),
  createdAt: z.iso.datetime(),
  votes: z.number().int(),
  /** Battles whose texts are in it. */
  texts: z.number().int(),
  boards: z.array(z.string()),
  licence: z.string().nullable(),
  /** Where the chain of votes ends: what a later check is held against. */
  chain: z.strictObject({ seq: z.number().int(), hash: z.string() }),
  files: z.array(
    z.strictObject({ name: z.string(), bytes: z.number().int(), sha256: z.string().nullable() }),
  ),
});
export type ReleaseView = z.infer<typeof releaseViewSchema>;

export const releaseListSchema = z.strictObject({ releases: z.array(releaseViewSchema) });
export type ReleaseList = z.infer<typeof releaseListSchema>;

export const liveDataQuerySchema = z.strictObject({
  board: boardNameSchema.default("blind"),
  category: categorySchema.default("overall"),
  format: z.enum(["json", "csv"]).default("json"),
});
export type LiveDataQuery = z.infer<typeof liveDataQuerySchema>;

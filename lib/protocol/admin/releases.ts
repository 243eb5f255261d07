import { z } from "zod";

/**
 * Releases of the vote data, as the console has them made. What is made already: GET /api/data/releases.
 *
 *   GET  /api/admin/releases             → releaseJobsSchema: the latest first
 *   POST /api/admin/releases             releaseRequestSchema → 202 releaseJobSchema; `release_running` while one is made
 *   POST /api/admin/releases/:id/cancel  {} → 204; `release_not_found` for one that is not being made
 */

export const releaseFormats = ["jsonl", "csv", "parquet"] as const;

/** It is a folder's name and stands in addresses. */
export const releaseNameSchema = z
  .string()
  .regex(/^(?!\.)[\w.-]{1,80}$/, "letters, digits, dots and dashes")
  .refine((name) => !name.endsWith(".partial"), "must not end in .partial");

/** What of a release can be chosen. */
export const releaseOptionsSchema = z.strictObject({
  licence: z.string().trim().min(1).max(100).default("CC-BY-4.0"),
  formats: z
    .array(z.enum(releaseFormats))
    .min(1)
    .max(releaseFormats.length)
    .default([...releaseFormats]),
  /** Only these boards; of the other votes a release has the hashes. Absent: all. */
  boards: z.array(z.string().trim().min(1).max(200)).min(1).max(100).optional(),
});

export const releaseRequestSchema = releaseOptionsSchema.extend({ release: releaseNameSchema });
export type ReleaseRequest = z.input<typeof releaseRequestSchema>;

export const cancelReleaseSchema = z.strictObject({}).nullish();

export const releaseJobSchema = z.object({
  id: z.uuid(),
  release: z.string(),
  state: z.enum(["running", "done", "cancelled", "failed"]),
  startedBy: z.string(),
  startedAt: z.coerce.date(),
  /** Rows of the vote log that are written, of how many; both 0 before the first. */
  done: z.number().int(),
  total: z.number().int(),
  /** Of a running one: it will end soon. */
  cancelledBy: z.string().nullable(),
  endedAt: z.coerce.date().nullable(),
  /** Of a failed one, for the operator; null: its server ended. */
  error: z.string().nullable(),
});
export type ReleaseJobView = z.infer<typeof releaseJobSchema>;
export const releaseJobsSchema = z.object({ jobs: z.array(releaseJobSchema) });

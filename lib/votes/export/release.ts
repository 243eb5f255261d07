import { z } from "zod";

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);
const fileSchema = z.object({
  name: z.string().regex(/^[\w.-]+$/),
  bytes: z.number().int().min(0),
  sha256: hashSchema,
});

/** manifest.json of a release. */
export const manifestSchema = z.object({
  format: z.literal("chat-arena-votes-1"),
  release: z.string().min(1),
  createdAt: z.iso.datetime(),
  /** Rows of votes.jsonl; `votes` counts the votes that they stand for. */
  rows: z.number().int().min(0),
  withheld: z.number().int().min(0),
  votes: z.number().int().min(0),
  /** Of them, votes that do not count on their boards. */
  excluded: z.number().int().min(0).default(0),
  chain: z.object({ seq: z.number().int().min(0), hash: hashSchema }),
  boards: z.array(z.string()),
  /** The licence of its content, as SPDX names it. Older releases name none. */
  licence: z.string().optional(),
  /** Battles whose texts are in it, those left out because the screen finds something, and parts hidden in those that are in. */
  texts: z
    .object({
      battles: z.number().int().min(0),
      leftOut: z.number().int().min(0),
      hiddenFinds: z.number().int().min(0),
      screenVersion: z.number().int().min(1),
    })
    .optional(),
  files: z.array(fileSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** ratings.json of a release: the boards as `publishedBoard` makes them, and the names of the models. */
export const ratingsSchema = z.object({
  models: z.array(z.object({ id: z.uuid(), name: z.string() })),
  boards: z.array(
    z.looseObject({
      board: z.string(),
      codeVersion: z.string(),
      inputsHash: hashSchema,
      result: z.unknown(),
    }),
  ),
});

export const manifestName = "manifest.json";
export const ratingsName = "ratings.json";
export const votesName = "votes.jsonl";
export const cardName = "README.md";

import { z } from "zod";
import { imageLimits } from "./image-limits";

/**
 * Images of prompts.
 *
 *   POST /api/attachments       the image's bytes, `content-type: image/jpeg|png|webp` → 201 imageView
 *   GET  /api/attachments/:id   → the bytes, to the visitor who has uploaded them and to nobody else
 *
 * A prompt names its images by their ids. What is stored has no metadata (EXIF, XMP, comments, previews).
 */

export const imageViewSchema = z.strictObject({
  id: z.uuid(),
  /** In pixels. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});
export type ImageView = z.infer<typeof imageViewSchema>;

/** Ids of the images of a prompt, in order. */
export const imageIdsSchema = z
  .array(z.uuid())
  .max(imageLimits.maxCount)
  .refine((ids) => new Set(ids).size === ids.length, "an image is named twice");

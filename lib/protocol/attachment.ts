import { z } from "zod";

/**
 * Images of prompts.
 *
 *   POST /api/attachments       the image's bytes, `content-type: image/jpeg|png|webp` → 201 imageView
 *   GET  /api/attachments/:id   → the bytes, to the visitor who has uploaded them and to nobody else
 *
 * A prompt names its images by their ids. What is stored has no metadata (EXIF, XMP, comments, previews).
 */

export const imageLimits = {
  /** Of one image, and of all images that a model reads in one request. */
  maxBytes: 5 * 1024 * 1024,
  /** Width and height, in pixels: an image unpacks to four bytes a pixel. */
  maxSide: 4_096,
  /** Images of one prompt. */
  maxCount: 4,
  /** Longest side to which the page scales an image down; what models look at is smaller still. */
  sentSide: 1_568,
} as const;

export const imageTypes = ["image/jpeg", "image/png", "image/webp"] as const;
export type ImageType = (typeof imageTypes)[number];

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

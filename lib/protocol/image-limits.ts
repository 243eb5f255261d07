/** What images of prompts may be. Without a schema, so that a page can use it before it needs the schemas' library. */
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

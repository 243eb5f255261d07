import { AppError } from "@/lib/errors";
import { type ImageType, imageLimits } from "@/lib/protocol";

/** An image whose container has been read: its size, and its bytes without metadata. */
export type CleanImage = { contentType: ImageType; width: number; height: number; bytes: Buffer };

/** Errors: always `unsupported_image`. */
export function damaged(why: string): never {
  throw new AppError("unsupported_image", { cause: why });
}

/** A slice that must lie within the bytes. Errors: `unsupported_image`. */
export function cut(bytes: Buffer, start: number, end: number): Buffer {
  if (start < 0 || end < start || end > bytes.length) damaged("it ends too early");
  return bytes.subarray(start, end);
}

/** The size that a decoder would make room for. Errors: `unsupported_image`, `image_too_large`. */
export function checkSize(width: number, height: number): { width: number; height: number } {
  if (width < 1 || height < 1) damaged("it has no size");
  if (width > imageLimits.maxSide || height > imageLimits.maxSide)
    throw new AppError("image_too_large", { details: { width, height, maxSide: imageLimits.maxSide } });
  return { width, height };
}

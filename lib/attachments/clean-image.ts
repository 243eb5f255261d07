import { cleanJpeg } from "./clean-jpeg";
import { cleanPng, pngSignature } from "./clean-png";
import { cleanWebp } from "./clean-webp";
import { type CleanImage, damaged } from "./image-bytes";

/**
 * What may be stored of an uploaded file: the image as its own first bytes say (whatever it was called), its pixels as they
 * are, nothing that says where, when or with what it was taken. Only headers are read, so no image can unpack in this process.
 * Errors: `unsupported_image`, `image_too_large`.
 */
export function cleanImage(bytes: Buffer): CleanImage {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return cleanJpeg(bytes);
  if (bytes.subarray(0, pngSignature.length).equals(pngSignature)) return cleanPng(bytes);
  const isRiff = bytes.toString("latin1", 0, 4) === "RIFF" && bytes.toString("latin1", 8, 12) === "WEBP";
  return isRiff ? cleanWebp(bytes) : damaged("it is of no known kind");
}

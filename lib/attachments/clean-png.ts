import { type CleanImage, checkSize, cut, damaged } from "./image-bytes";

export const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Chunks that say how pixels look. Texts, times, EXIF, animation and everything unknown go. */
const needed = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND", "tRNS"],
  ...["gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT", "pHYs"],
]);

/**
 * A PNG without its metadata and without what follows it. Source: PNG specification, third edition, section 5.
 * Errors: `unsupported_image`, `image_too_large`.
 */
export function cleanPng(bytes: Buffer): CleanImage {
  const kept: Buffer[] = [cut(bytes, 0, pngSignature.length)];
  let size: { width: number; height: number } | null = null;
  let at = pngSignature.length;
  let hasData = false;
  for (;;) {
    const length = cut(bytes, at, at + 4).readUInt32BE();
    const chunk = cut(bytes, at, at + 12 + length);
    const type = chunk.toString("latin1", 4, 8);
    if (size === null) {
      if (type !== "IHDR" || length !== 13) damaged("it does not begin with its header");
      size = checkSize(chunk.readUInt32BE(8), chunk.readUInt32BE(12));
    } else if (type === "IHDR") damaged("it has two headers");
    hasData ||= type === "IDAT";
    if (needed.has(type)) kept.push(chunk);
    at += chunk.length;
    if (type !== "IEND") continue;
    if (!hasData) damaged("it has no pixels");
    return { contentType: "image/png", ...size, bytes: Buffer.concat(kept) };
  }
}

import { type CleanImage, checkSize, cut, damaged } from "./image-bytes";

const flags = { profile: 0x20, alpha: 0x10, animation: 0x02 };
const needed = new Set(["VP8X", "VP8 ", "VP8L", "ALPH", "ICCP"]);

/**
 * A still WebP without its metadata and without what follows it. Source: RFC 9649, section 2.
 * Errors: `unsupported_image` (also for an animation), `image_too_large`.
 */
export function cleanWebp(bytes: Buffer): CleanImage {
  const end = 8 + cut(bytes, 4, 8).readUInt32LE();
  if (end > bytes.length) damaged("it ends too early");
  const kept: Buffer[] = [];
  let canvas: { width: number; height: number } | null = null;
  let picture: { width: number; height: number } | null = null;
  for (let at = 12; at < end; ) {
    const type = cut(bytes, at, at + 4).toString("latin1");
    const length = cut(bytes, at + 4, at + 8).readUInt32LE();
    const data = cut(bytes, at + 8, at + 8 + length);
    // Chunks are filled up to an even length; some writers forget the last one's.
    const chunk = cut(bytes, at, Math.min(end, at + 8 + length + (length % 2)));
    if (type === "VP8X") {
      if (data.length < 10 || at !== 12) damaged("its header is not where it belongs");
      const [given = 0] = data;
      if ((given & flags.animation) !== 0) damaged("it is animated");
      canvas = checkSize(1 + data.readUIntLE(4, 3), 1 + data.readUIntLE(7, 3));
      const still = Buffer.from(chunk);
      still[8] = given & (flags.profile | flags.alpha);
      kept.push(still);
    } else if (needed.has(type)) {
      if (type === "VP8 ") picture = lossySize(data);
      if (type === "VP8L") picture = losslessSize(data);
      kept.push(chunk);
    }
    at += chunk.length;
  }
  if (picture === null) damaged("it has no picture");
  if (canvas !== null && (canvas.width !== picture.width || canvas.height !== picture.height))
    damaged("its picture does not fit its canvas");
  const body = Buffer.concat(kept);
  const head = Buffer.alloc(12);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(body.length + 4, 4);
  head.write("WEBP", 8, "latin1");
  return { contentType: "image/webp", ...picture, bytes: Buffer.concat([head, body]) };
}

/** A key frame's head: three bytes of tag, the start code, then 14 bits each. Source: RFC 6386, section 9.1. */
function lossySize(data: Buffer) {
  if (data.length < 10 || data.readUIntBE(3, 3) !== 0x9d012a) damaged("its picture has no head");
  return checkSize(data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff);
}

/** A signature, then 14 bits each, less one. Source: RFC 9649, section 3.4. */
function losslessSize(data: Buffer) {
  if (data.length < 5 || data[0] !== 0x2f) damaged("its picture has no head");
  const bits = data.readUInt32LE(1);
  return checkSize(1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff));
}

import { type CleanImage, checkSize, cut, damaged } from "./image-bytes";

const marker = {
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  app0: 0xe0,
  app2: 0xe2,
  app14: 0xee,
};
const profile = Buffer.from("ICC_PROFILE\0");
const plainHeader = Buffer.from("JFIF\0");
/** A JFIF header of this length holds no preview. */
const plainHeaderLength = 16;

/**
 * A JPEG without its metadata: of the application segments only what decoders need to get the colours right stays (JFIF without
 * preview, ICC profile, Adobe's). Comments, EXIF, XMP, IPTC and whatever follows the image go. Source: ITU-T T.81, annex B.
 * Errors: `unsupported_image`, `image_too_large`.
 */
export function cleanJpeg(bytes: Buffer): CleanImage {
  const kept: Buffer[] = [cut(bytes, 0, 2)];
  let size: { width: number; height: number } | null = null;
  let at = 2;
  for (;;) {
    if (bytes[at] !== 0xff) damaged("a segment does not begin with a marker");
    // Markers may be filled up with any number of 0xff.
    while (bytes[at + 1] === 0xff) at += 1;
    const code = bytes[at + 1];
    if (code === undefined) damaged("it ends too early");
    if (code === marker.endOfImage) {
      if (size === null) damaged("it has no frame");
      kept.push(cut(bytes, at, at + 2));
      return { contentType: "image/jpeg", ...size, bytes: Buffer.concat(kept) };
    }
    if (code === marker.startOfImage || code === 0x00) damaged("an image within the image");
    if (isAlone(code)) {
      kept.push(cut(bytes, at, at + 2));
      at += 2;
      continue;
    }
    const length = cut(bytes, at + 2, at + 4).readUInt16BE();
    if (length < 2) damaged("a segment is shorter than its own length");
    const segment = cut(bytes, at, at + 2 + length);
    if (isFrame(code)) {
      if (segment.length < 9) damaged("a frame without a size");
      size = checkSize(segment.readUInt16BE(7), segment.readUInt16BE(5));
    }
    if (isNeeded(code, segment)) kept.push(segment);
    at += segment.length;
    if (code === marker.startOfScan) {
      const end = endOfScan(bytes, at);
      kept.push(cut(bytes, at, end));
      at = end;
    }
  }
}

/** Markers without a length: TEM and RST0 to RST7. */
function isAlone(code: number): boolean {
  return code === 0x01 || (code >= 0xd0 && code <= 0xd7);
}

/** SOF0 to SOF15; 0xc4, 0xc8 and 0xcc are tables and reserved. */
function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

function isNeeded(code: number, segment: Buffer): boolean {
  const isApplication = code >= 0xe0 && code <= 0xef;
  const isComment = code === 0xfe;
  const data = segment.subarray(4);
  if (code === marker.app0)
    return data.subarray(0, 5).equals(plainHeader) && segment.length === plainHeaderLength + 2;
  if (code === marker.app2) return data.subarray(0, profile.length).equals(profile);
  return code === marker.app14 || (!isApplication && !isComment);
}

/** The next marker after compressed data, in which 0xff is followed by 0x00 or is a restart marker. */
function endOfScan(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0x00 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return damaged("it ends too early");
}

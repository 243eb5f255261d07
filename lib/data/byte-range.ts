export type ByteRange = { start: number; end: number };

/**
 * What part of a file a client asks for (RFC 9110, 14.2), both ends included; null: all of it, also where it asks for several
 * parts or in a unit that is not known; `unsatisfiable` where nothing of the file lies in it.
 *
 * @param range the header `Range`
 * @param ifRange the header `If-Range`: without this tag the part would be of another file
 */
export function byteRange(
  { range, ifRange }: { range?: string; ifRange?: string },
  file: { bytes: number; etag: string },
): ByteRange | "unsatisfiable" | null {
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== file.etag)) return null;
  const match = /^bytes=(\d*)-(\d*)$/.exec(range.replaceAll(" ", ""));
  const [, from = "", to = ""] = match ?? [];
  if (match === null || (from === "" && to === "") || from.length > 15 || to.length > 15) return null;
  if (from === "") {
    const length = Number(to);
    if (length === 0 || file.bytes === 0) return "unsatisfiable";
    return { start: Math.max(0, file.bytes - length), end: file.bytes - 1 };
  }
  const start = Number(from);
  const end = to === "" ? file.bytes - 1 : Number(to);
  if (to !== "" && end < start) return null;
  if (start >= file.bytes) return "unsatisfiable";
  return { start, end: Math.min(end, file.bytes - 1) };
}

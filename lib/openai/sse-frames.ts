/** A frame larger than this is passed on in pieces; no engine sends one. */
const maxHeldBytes = 1024 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Lets a stream of server-sent events through in whole frames, so that an error frame can be appended at any moment
 * without being glued to half a frame. Nearly every chunk ends with a blank line and costs a look at its last bytes.
 */
export class SseFrames {
  #held: Buffer | null = null;

  /** The bytes that may be written now; null while the frame is incomplete. */
  push(chunk: Buffer): Buffer | null {
    const bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = null;
    if (endsWithBlankLine(bytes, bytes.length)) return bytes;
    const end = lastFrameEnd(bytes);
    if (end > 0) {
      this.#held = bytes.subarray(end);
      return bytes.subarray(0, end);
    }
    if (bytes.length > maxHeldBytes) return bytes;
    this.#held = bytes;
    return null;
  }

  /** What is left when the stream has ended regularly: a last frame without its blank line. */
  flush(): Buffer | null {
    const rest = this.#held;
    this.#held = null;
    return rest;
  }
}

/** Where the last whole frame ends; 0 where there is none. */
function lastFrameEnd(bytes: Buffer): number {
  let at = bytes.lastIndexOf(lineFeed);
  while (at > 0) {
    if (endsWithBlankLine(bytes, at + 1)) return at + 1;
    at = bytes.lastIndexOf(lineFeed, at - 1);
  }
  return 0;
}

/** Whether an empty line, ended by LF, CRLF or (as no server does) CR alone, closes just before `end`. */
function endsWithBlankLine(bytes: Buffer, end: number): boolean {
  const last = bytes[end - 1];
  if (last === carriageReturn) return bytes[end - 2] === carriageReturn;
  if (last !== lineFeed) return false;
  const before = bytes[end - 2];
  return before === lineFeed || (before === carriageReturn && bytes[end - 3] === lineFeed);
}

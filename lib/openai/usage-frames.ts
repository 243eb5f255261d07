import { AppError, renderSseError } from "@/lib/errors";
import { countsOf, findUsage, type TokenCounts } from "./find-usage";
import type { CountingFilter } from "./serve-endpoint";

const usageKey = Buffer.from('"usage"');
const nullTail = Buffer.from(',"usage":null}');
const dataStart = Buffer.from("data:");
const doneFrame = Buffer.from("[DONE]");
const errorEvent = Buffer.from("event: error");

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads the usage off a stream of whole frames. Where the client did not ask for it, the server did, and takes out what
 * that has added: the frame without choices at the end, and `"usage":null` at the end of the others. All other bytes
 * stay as the worker wrote them. A frame costs a search for one word; only those with a usage are parsed.
 */
export class UsageFrames implements CountingFilter {
  /** Null before the worker has told them. */
  counts: TokenCounts | null = null;
  /** Frames that went by: at least as many tokens have been generated as frames with text have been sent. */
  frames = 0;
  /** The worker itself has told of a failure in the middle. */
  hasFailed = false;
  readonly #isAsked: boolean;
  #last: Buffer | null = null;

  /** `isAsked`: the client itself wants the usage, so every byte passes. */
  constructor(isAsked: boolean) {
    this.#isAsked = isAsked;
  }

  /** `bytes` are whole frames, as `SseFrames` gives them. The bytes for the client; null: none. */
  push(bytes: Buffer): Buffer | null {
    this.#last = bytes;
    if (isSingleFrame(bytes)) {
      // Nearly every chunk: no search, or one.
      this.frames += 1;
      if (endsWithNull(bytes)) return this.#isAsked ? bytes : withoutLastNull(bytes);
    } else this.#look(bytes);
    const first = bytes.indexOf(usageKey);
    if (first === -1) return bytes;
    if (findUsage(bytes) === null) return this.#isAsked ? bytes : withoutNulls(bytes);
    if (bytes.indexOf(usageKey, first + usageKey.length) === -1) return this.#withoutUsageAt(bytes, first);
    const kept = splitFrames(bytes).filter((frame) => this.#keeps(frame));
    if (this.#isAsked) return bytes;
    return kept.length === 0 ? null : withoutNulls(Buffer.concat(kept));
  }

  /** Of many frames, one tells the usage: as engines end a stream. Only that one is looked at. */
  #withoutUsageAt(bytes: Buffer, at: number): Buffer | null {
    const [before, after] = [lastBlankLine(bytes, at), firstBlankLine(bytes, at)];
    if (this.#keeps(bytes.subarray(before, after)) || this.#isAsked) return bytes;
    if (after - before === bytes.length) return null;
    return before === 0
      ? bytes.subarray(after)
      : Buffer.concat([bytes.subarray(0, before), bytes.subarray(after)]);
  }

  /** Errors: `upstream_failed` where no `[DONE]` came, which a client could take for the end of the answer. */
  end(): null {
    if (!this.hasFailed && this.#last?.includes(doneFrame) !== true) throw new AppError("upstream_failed");
    return null;
  }

  fail(error: AppError): string {
    return renderSseError(error);
  }

  /** Counts the frames of several, by the first byte of each line: a search for a word in each would cost three times as much. */
  #look(bytes: Buffer): void {
    if (bytes.includes(carriageReturn)) {
      this.frames += countLines(bytes, dataStart);
      if (countLines(bytes, errorEvent) > 0) this.hasFailed = true;
      return;
    }
    for (let at = 0; at < bytes.length; at += 1) {
      const first = bytes[at];
      if (first === lineFeed) continue;
      if (first === dataStart[0] && startsWith(bytes, at, dataStart)) this.frames += 1;
      else if (first === errorEvent[0] && startsWith(bytes, at, errorEvent)) this.hasFailed = true;
      at = bytes.indexOf(lineFeed, at);
      if (at === -1) return;
    }
  }

  #keeps(frame: Buffer): boolean {
    if (findUsage(frame) === null) return true;
    const chunk = parseFrame(frame);
    if (chunk === null) return true;
    this.counts = countsOf(chunk.usage) ?? this.counts;
    return !(Array.isArray(chunk.choices) && chunk.choices.length === 0);
  }
}

const firstOfData = 0x64;
const frameEnd = 2;

/** One line of data and the blank line after it, as nearly every engine writes them. */
function isSingleFrame(bytes: Buffer): boolean {
  return bytes[0] === firstOfData && bytes.indexOf(lineFeed) === bytes.length - frameEnd;
}

function endsWithNull(bytes: Buffer): boolean {
  const start = bytes.length - frameEnd - nullTail.length;
  return start >= 0 && startsWith(bytes, start, nullTail);
}

function withoutLastNull(bytes: Buffer): Buffer {
  const kept = bytes.length - frameEnd - nullTail.length;
  const shorter = Buffer.allocUnsafe(kept + 1 + frameEnd);
  bytes.copy(shorter, 0, 0, kept);
  bytes.copy(shorter, kept, bytes.length - frameEnd - 1);
  return shorter;
}

function startsWith(bytes: Buffer, at: number, start: Buffer): boolean {
  for (let index = 0; index < start.length; index += 1) {
    if (bytes[at + index] !== start[index]) return false;
  }
  return true;
}

/** Lines that begin so. A text may hold the same word, but never at the start of a line: JSON escapes line breaks. */
function countLines(bytes: Buffer, start: Buffer): number {
  let count = 0;
  let at = bytes.indexOf(start);
  while (at !== -1) {
    if (at === 0 || bytes[at - 1] === lineFeed || bytes[at - 1] === carriageReturn) count += 1;
    at = bytes.indexOf(start, at + start.length);
  }
  return count;
}

/** Takes `,"usage":null` out where it ends a frame's object; what follows the closing brace there is the end of a line. */
function withoutNulls(bytes: Buffer): Buffer {
  let at = bytes.indexOf(nullTail);
  if (at === -1) return bytes;
  const parts: Buffer[] = [];
  let from = 0;
  while (at !== -1) {
    const brace = at + nullTail.length - 1;
    const next = bytes[brace + 1];
    if (next === lineFeed || next === carriageReturn) {
      parts.push(bytes.subarray(from, at));
      from = brace;
    }
    at = bytes.indexOf(nullTail, brace);
  }
  parts.push(bytes.subarray(from));
  return Buffer.concat(parts);
}

/** Whether the line that ends here is empty. */
function isBlank(bytes: Buffer, at: number): boolean {
  return bytes[at - 1] === lineFeed || (bytes[at - 1] === carriageReturn && bytes[at - 2] === lineFeed);
}

/** Where the frame begins that has this place in it. */
function lastBlankLine(bytes: Buffer, place: number): number {
  let at = bytes.lastIndexOf(lineFeed, place);
  while (at > 0 && !isBlank(bytes, at)) at = bytes.lastIndexOf(lineFeed, at - 1);
  return at > 0 ? at + 1 : 0;
}

/** Where it ends. */
function firstBlankLine(bytes: Buffer, place: number): number {
  let at = bytes.indexOf(lineFeed, place);
  while (at !== -1 && !isBlank(bytes, at)) at = bytes.indexOf(lineFeed, at + 1);
  return at === -1 ? bytes.length : at + 1;
}

/** Frames with the blank lines that end them. */
export function splitFrames(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    if (!isBlank(bytes, at) || at < from) continue;
    frames.push(bytes.subarray(from, at + 1));
    from = at + 1;
  }
  if (from < bytes.length) frames.push(bytes.subarray(from));
  return frames;
}

/** The JSON of a frame's `data` lines; null where it is none. */
export function parseFrame(frame: Buffer): Record<string, unknown> | null {
  const data = frame
    .toString("utf8")
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(line[5] === " " ? 6 : 5))
    .join("\n");
  if (!data.startsWith("{")) return null;
  try {
    return JSON.parse(data) as Record<string, unknown>;
  } catch {
    // Not ours to judge: the client gets the worker's bytes as they are.
    return null;
  }
}

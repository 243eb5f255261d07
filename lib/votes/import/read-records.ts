import { AppError } from "@/lib/errors";

/** One line of a JSON-lines file, or one element of a JSON array. */
export type RawRecord = {
  /** Line on which it begins, from 1. */
  line: number;
} & ({ text: string; fault?: undefined } | { text?: undefined; fault: RawFault });

export type RawFault = "invalid UTF-8" | "too long";

/** Conversations of data sets have a few 100 kB; a longer record is left out without being held in memory. */
const maxRecordBytes = 16 * 1024 * 1024;

const newline = 0x0a;
const quote = 0x22;
const comma = 0x2c;
const open = 0x5b;
const backslash = 0x5c;
const close = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === newline;

type Mode = "start" | "lines" | "between" | "element" | "after";

/**
 * Cuts a file of votes into its records: lines of JSON, or one JSON array of objects however it is laid out. Holds one
 * record and one chunk in memory. Empty lines are left out. Errors: `invalid_request` where an array is no array of
 * objects or ends too early.
 */
export async function* readRecords(
  chunks: AsyncIterable<Buffer>,
  { maxBytes = maxRecordBytes }: { maxBytes?: number } = {},
): AsyncGenerator<RawRecord> {
  const held = new HeldBytes(maxBytes);
  let mode: Mode = "start";
  let line = 1;
  let beganAt = 1;
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  let wantsComma = false;
  let hasSeenBytes = false;

  for await (const chunk of withoutMark(chunks)) {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (mode === "lines") {
        const end = chunk.indexOf(newline, at);
        if (end === -1) break;
        held.add(chunk.subarray(from, end));
        if (held.hasContent()) yield held.take(line);
        else held.clear();
        line += 1;
        at = end;
        from = end + 1;
        continue;
      }
      if (byte === newline) line += 1;
      if (mode === "element") {
        if (isInString) {
          if (isEscaped) isEscaped = false;
          else if (byte === backslash) isEscaped = true;
          else if (byte === quote) isInString = false;
        } else if (byte === quote) isInString = true;
        else if (byte === openBrace || byte === open) depth += 1;
        else if (byte === closeBrace || byte === close) {
          depth -= 1;
          if (depth === 0) {
            held.add(chunk.subarray(from, at + 1));
            yield held.take(beganAt);
            mode = "between";
            wantsComma = true;
          }
        }
        continue;
      }
      if (isBlank(byte)) continue;
      hasSeenBytes = true;
      if (mode === "start") {
        if (byte === open) mode = "between";
        else {
          mode = "lines";
          // This byte belongs to the first line.
          from = at;
          at -= 1;
        }
      } else if (mode === "between") {
        if (byte === close) mode = "after";
        else if (byte === comma && wantsComma) wantsComma = false;
        else if (byte === openBrace && !wantsComma) {
          mode = "element";
          depth = 1;
          beganAt = line;
          from = at;
        } else
          throw new AppError("invalid_request", { message: `Line ${line}: not an array of JSON objects.` });
      } else {
        throw new AppError("invalid_request", {
          message: `Line ${line}: something stands behind the array.`,
        });
      }
    }
    if (mode === "lines" || mode === "element") held.add(chunk.subarray(from));
  }
  if (mode === "lines" && held.hasContent()) yield held.take(line);
  if (mode === "between" || mode === "element") {
    throw new AppError("invalid_request", { message: `Line ${line}: the array has no end.` });
  }
  if (!hasSeenBytes) throw new AppError("invalid_request", { message: "The file is empty." });
}

/** The bytes of one record so far; those beyond the limit are counted and not kept. */
class HeldBytes {
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #parts: Buffer[] = [];
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#size += bytes.length;
    if (this.#size > this.#maxBytes) this.#parts = [];
    // A copy would cost more than keeping the chunk until the record's end.
    else this.#parts.push(bytes);
  }

  hasContent(): boolean {
    return this.#size > this.#maxBytes || this.#parts.some((part) => part.some((byte) => !isBlank(byte)));
  }

  clear(): void {
    this.#parts = [];
    this.#size = 0;
  }

  take(line: number): RawRecord {
    const isTooLong = this.#size > this.#maxBytes;
    const bytes = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    this.clear();
    if (isTooLong) return { line, fault: "too long" };
    try {
      return { line, text: this.#decoder.decode(bytes) };
    } catch {
      // The only thing that a fatal decoder throws for.
      return { line, fault: "invalid UTF-8" };
    }
  }
}

/** Without the byte order mark that some programs put in front. */
async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 3) continue;
    yield head.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? head.subarray(3) : head;
    head = null;
  }
  if (head !== null) yield head;
}

/** What this program needs to know of an answer's head. */
export type ResponseHead = {
  status: number;
  contentType: string;
  /** Bytes that the body will have; null where only its end will tell. */
  contentLength: number | null;
  /** Of `Retry-After`, in seconds; null where there is none, or where it is a date. */
  retryAfterSeconds: number | null;
};

export type ResponseListener = {
  onHead(head: ResponseHead): void;
  /** Bytes of the body, without the framing of chunks. At most once for each `push`. */
  onBody(bytes: Buffer): void;
  /** The body was whole. Nothing follows. */
  onEnd(): void;
};

/** The peer does not speak HTTP/1.1, or not well enough to know where its answers end. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
}

const maxHeadBytes = 16 * 1024;
/** More digits than any chunk's size needs; less than a number can hold. */
const maxSizeDigits = 12;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const semicolon = 0x3b;
const space = 0x20;
const tab = 0x09;

const states = {
  head: 0,
  /** A body of known length. */
  counted: 1,
  /** A body that ends with the connection. */
  untilClose: 2,
  size: 3,
  extension: 4,
  sizeEnd: 5,
  chunk: 6,
  chunkReturn: 7,
  chunkEnd: 8,
  trailer: 9,
  trailerEnd: 10,
  done: 11,
} as const;

/**
 * The answer to one request on a kept-alive connection, as it comes (RFC 9112). Strict where a lenient reader and the peer
 * could disagree on where an answer ends: line ends are CRLF, a length and chunks exclude each other, headers are not folded.
 * What a read holds of a body is handed on in one piece and in the read's own memory.
 */
export class ResponseParser {
  readonly #listener: ResponseListener;
  #state: number = states.head;
  /** The beginning of a head whose end has not come. */
  #held: Buffer | null = null;
  /** Bytes left of the body, or of the chunk. */
  #left = 0;
  #digits = 0;
  /** Characters of the present line of the trailer, and of the extensions and trailers altogether. */
  #lineLength = 0;
  #skipped = 0;
  #isKeptAlive = false;

  constructor(listener: ResponseListener) {
    this.#listener = listener;
  }

  get isDone(): boolean {
    return this.#state === states.done;
  }

  /** After the end: whether the peer takes another request on this connection. */
  get isKeptAlive(): boolean {
    return this.#isKeptAlive;
  }

  /**
   * The next bytes of the connection, which are the parser's own from here on: pieces of a body are moved together in them.
   * Returns how many belonged to this answer: fewer than there are mean that the peer sends what nobody asked for. Errors:
   * {@link MalformedResponse}.
   */
  push(bytes: Buffer): number {
    let at = 0;
    /** Where the body's bytes of this read begin and end. */
    let from = 0;
    let to = 0;
    try {
      while (at < bytes.length && this.#state !== states.done) {
        if (this.#state === states.head) {
          at = this.#readHead(bytes, at);
        } else if (this.#isInBody()) {
          const end = Math.min(bytes.length, at + this.#left);
          if (to === 0) {
            from = at;
            to = end;
          } else {
            bytes.copyWithin(to, at, end);
            to += end - at;
          }
          this.#left -= end - at;
          at = end;
          if (this.#left === 0) this.#state = this.#state === states.chunk ? states.chunkReturn : states.done;
        } else {
          this.#readFraming(bytes[at] ?? 0);
          at += 1;
        }
      }
    } finally {
      // Also what came before the fault.
      if (to > from) this.#listener.onBody(bytes.subarray(from, to));
    }
    if (this.#state === states.done) this.#listener.onEnd();
    return at;
  }

  /** The peer has closed its side. True where that is the regular end of the body, which the listener has been told. */
  close(): boolean {
    if (this.#state !== states.untilClose) return false;
    this.#state = states.done;
    this.#listener.onEnd();
    return true;
  }

  #isInBody(): boolean {
    return (
      this.#state === states.chunk || this.#state === states.counted || this.#state === states.untilClose
    );
  }

  #readFraming(byte: number): void {
    switch (this.#state) {
      case states.size:
        this.#readSize(byte);
        return;
      case states.extension:
        if (byte === carriageReturn) this.#state = states.sizeEnd;
        else this.#skip(byte);
        return;
      case states.sizeEnd:
        expect(byte, lineFeed);
        this.#lineLength = 0;
        this.#state = this.#left === 0 ? states.trailer : states.chunk;
        return;
      case states.chunkReturn:
        expect(byte, carriageReturn);
        this.#state = states.chunkEnd;
        return;
      case states.chunkEnd:
        expect(byte, lineFeed);
        this.#beginSize();
        return;
      case states.trailer:
        if (byte === carriageReturn) this.#state = states.trailerEnd;
        else {
          this.#lineLength += 1;
          this.#skip(byte);
        }
        return;
      default:
        expect(byte, lineFeed);
        this.#state = this.#lineLength === 0 ? states.done : states.trailer;
        this.#lineLength = 0;
    }
  }

  #beginSize(): void {
    this.#state = states.size;
    this.#digits = 0;
    this.#left = 0;
  }

  #readSize(byte: number): void {
    const digit = hexadecimal(byte);
    if (digit >= 0) {
      this.#digits += 1;
      if (this.#digits > maxSizeDigits) throw new MalformedResponse("A chunk is too large.");
      this.#left = this.#left * 16 + digit;
      return;
    }
    if (this.#digits === 0) throw new MalformedResponse("A chunk has no size.");
    if (byte === carriageReturn) this.#state = states.sizeEnd;
    else if (byte === semicolon || byte === space || byte === tab) this.#state = states.extension;
    else throw new MalformedResponse("A chunk's size is not a number.");
  }

  #skip(byte: number): void {
    this.#skipped += 1;
    if (byte === lineFeed || this.#skipped > maxHeadBytes)
      throw new MalformedResponse("What stands beside the chunks is no line, or too long.");
  }

  /** Returns where the bytes after the head begin. 1xx answers are passed over: they come before the real one. */
  #readHead(bytes: Buffer, from: number): number {
    const before = this.#held?.length ?? 0;
    const fresh = from === 0 ? bytes : bytes.subarray(from);
    const all = this.#held === null ? fresh : Buffer.concat([this.#held, fresh]);
    // The blank line may have begun in what was held.
    const end = all.indexOf("\r\n\r\n", Math.max(0, before - 3), "latin1");
    if (end > maxHeadBytes || (end === -1 && all.length > maxHeadBytes))
      throw new MalformedResponse("The head is too long.");
    if (end === -1) {
      this.#held = all;
      return bytes.length;
    }
    this.#held = null;
    this.#beginBody(all.toString("latin1", 0, end));
    return from + end + 4 - before;
  }

  #beginBody(text: string): void {
    const lineEnd = text.indexOf("\r\n");
    const status = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(lineEnd === -1 ? text : text.slice(0, lineEnd));
    if (status === null) throw new MalformedResponse("The answer is not HTTP/1.1.");
    const fields = readFields(text, lineEnd === -1 ? text.length : lineEnd + 2);
    const code = Number(status[2]);
    if (code < 200) {
      if (code === 101) throw new MalformedResponse("The peer changes its protocol.");
      return;
    }
    const isEmpty = code === 204 || code === 304;
    const isChunked = fields.transferEncoding !== undefined && !isEmpty;
    if (isChunked && fields.transferEncoding?.toLowerCase() !== "chunked")
      throw new MalformedResponse("The transfer encoding is not known.");
    if (isChunked && fields.contentLength !== undefined)
      throw new MalformedResponse("The answer has both a length and chunks.");
    const length = isEmpty ? 0 : lengthOf(fields.contentLength);
    const wish = fields.connection?.toLowerCase() ?? "";
    this.#isKeptAlive =
      (isChunked || length !== null) &&
      !wish.includes("close") &&
      (status[1] === "1" || wish.includes("keep-alive"));
    if (isChunked) this.#beginSize();
    else {
      this.#left = length ?? Number.POSITIVE_INFINITY;
      this.#state = length === 0 ? states.done : length === null ? states.untilClose : states.counted;
    }
    this.#listener.onHead({
      status: code,
      contentType: fields.contentType ?? "application/octet-stream",
      contentLength: isChunked ? null : length,
      retryAfterSeconds: wholeNumber(fields.retryAfter),
    });
  }
}

type Fields = {
  contentType?: string;
  contentLength?: string;
  transferEncoding?: string;
  connection?: string;
  retryAfter?: string;
};

const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What no value may hold (RFC 9110, 5.5), and half a line end. */
const forbiddenPattern = /\0|\r(?!\n)|(?<!\r)\n/;

/** The fields that matter, each known by the length of its name before its name is compared. */
function readFields(text: string, from: number): Fields {
  if (forbiddenPattern.test(text)) throw new MalformedResponse("A header holds what no header may hold.");
  const fields: Fields = {};
  let at = from;
  while (at < text.length) {
    const next = text.indexOf("\r\n", at);
    const end = next === -1 ? text.length : next;
    const colon = text.indexOf(":", at);
    const name = colon === -1 || colon > end ? "" : text.slice(at, colon);
    if (!tokenPattern.test(name)) throw new MalformedResponse("A header has no name.");
    take(fields, name, text, colon + 1, end);
    at = end + 2;
  }
  return fields;
}

function take(fields: Fields, name: string, text: string, from: number, end: number): void {
  const key = fieldsByLength[name.length];
  if (key === undefined || name.toLowerCase() !== fieldNames[key]) return;
  const value = text.slice(from, end).trim();
  const known = fields[key];
  fields[key] = known === undefined ? value : `${known},${value}`;
}

const fieldNames = {
  contentType: "content-type",
  contentLength: "content-length",
  transferEncoding: "transfer-encoding",
  connection: "connection",
  retryAfter: "retry-after",
} as const satisfies Record<keyof Fields, string>;

const fieldsByLength: readonly (keyof Fields | undefined)[] = Array.from({ length: 32 }, (_, length) =>
  (Object.keys(fieldNames) as (keyof Fields)[]).find((key) => fieldNames[key].length === length),
);

/** Null where there is none. Two equal lengths are two lengths here: no engine sends them. */
function lengthOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const length = wholeNumber(text);
  if (length === null) throw new MalformedResponse("The length is not a number.");
  return length;
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function expect(byte: number, wanted: number): void {
  if (byte !== wanted) throw new MalformedResponse("The framing of the chunks is broken.");
}

function hexadecimal(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

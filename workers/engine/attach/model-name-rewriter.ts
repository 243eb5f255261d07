const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const carriageReturn = 0x0d;
const colon = 0x3a;
/** Longest name of a member that is compared. */
const maxNameLength = 32;

/**
 * Puts the public name in place of an answer's own `model`, as the bytes pass: the outermost member of a JSON body, or of
 * each event of a stream. Nothing is held back and every other byte stays as it is. Pieces may end anywhere.
 */
export class ModelNameRewriter {
  readonly #replacement: Buffer;
  readonly #isEventStream: boolean;
  /** Of the line of an event stream: in its field name, in JSON, or in what is no data. */
  #line: "field" | "data" | "other";
  #field = "";
  #isLineEmpty = true;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isName = false;
  #isTarget = false;
  /** In the value that is being replaced. */
  #isDropping = false;
  #name: number[] | null = null;

  constructor(publicName: string, isEventStream: boolean) {
    this.#replacement = Buffer.from(JSON.stringify(publicName));
    this.#isEventStream = isEventStream;
    this.#line = isEventStream ? "field" : "data";
  }

  push(chunk: Buffer): Buffer {
    const out: Buffer[] = [];
    let copied = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#isEventStream && this.#stepLine(byte)) continue;
      const wasDropping = this.#isDropping;
      this.#stepJson(byte);
      if (!wasDropping && this.#isDropping) out.push(chunk.subarray(copied, at), this.#replacement);
      if (wasDropping && !this.#isDropping) copied = at + 1;
    }
    if (!this.#isDropping) out.push(chunk.subarray(copied));
    return out.length === 1 ? (out[0] ?? chunk) : Buffer.concat(out);
  }

  /** True: the byte belongs to the framing (WHATWG HTML, "Server-sent events"), not to JSON. */
  #stepLine(byte: number): boolean {
    if (byte === newline) {
      if (this.#isLineEmpty) this.#reset();
      this.#line = "field";
      this.#field = "";
      this.#isLineEmpty = true;
      return true;
    }
    if (byte === carriageReturn) return true;
    this.#isLineEmpty = false;
    if (this.#line !== "field") return this.#line === "other";
    if (byte === colon) this.#line = this.#field === "data" ? "data" : "other";
    else if (this.#field.length < maxNameLength) this.#field += String.fromCharCode(byte);
    return true;
  }

  #stepJson(byte: number): void {
    if (this.#isInString) this.#stepString(byte);
    else if (byte === quote) this.#openString();
    else if (byte === 0x7b || byte === 0x5b) {
      this.#depth++;
      if (this.#depth === 1) this.#isName = byte === 0x7b;
    } else if (byte === 0x7d || byte === 0x5d) this.#depth--;
    else if (this.#depth !== 1) return;
    else if (byte === colon) {
      this.#isName = false;
      this.#isTarget = this.#name !== null && Buffer.from(this.#name).toString() === "model";
    } else if (byte === 0x2c) {
      this.#isName = true;
      this.#isTarget = false;
    }
  }

  #openString(): void {
    this.#isInString = true;
    if (this.#depth !== 1) return;
    if (this.#isName) this.#name = [];
    else this.#isDropping = this.#isTarget;
  }

  #stepString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === backslash) this.#isEscaped = true;
    else if (byte === quote) {
      this.#isInString = false;
      this.#isDropping = false;
      return;
    }
    if (this.#depth === 1 && this.#isName && this.#name !== null && this.#name.length < maxNameLength) {
      this.#name.push(byte);
    }
  }

  #reset(): void {
    this.#depth = 0;
    this.#isInString = false;
    this.#isEscaped = false;
    this.#isName = false;
    this.#isTarget = false;
    this.#isDropping = false;
    this.#name = null;
  }
}

import { errorTable, isErrorCode } from "@/lib/errors";

const errorField = Buffer.from('data: {"error"');
const doneFrame = Buffer.from("data: [DONE]");
const lineFeed = 0x0a;
/** Of a piece that is long, the end: an error frame is short, and the last or before the last. */
const longestTail = 4 * 1024;

/**
 * The last bytes of an event stream. A worker that fails in the middle of an answer says so in a frame (`renderSseError`;
 * vLLM and llama-server likewise, with a code in numbers) and ends the stream as if nothing were amiss. Each piece costs two
 * references; only the end is looked at.
 */
export class TailOfEvents {
  #before: Buffer | null = null;
  #latest: Buffer | null = null;

  push(bytes: Buffer): void {
    this.#before = this.#latest;
    this.#latest = bytes;
  }

  /** Whether the last frame has come: nothing that matters follows it. */
  get isDone(): boolean {
    const latest = this.#latest;
    const at = latest?.lastIndexOf(doneFrame) ?? -1;
    return at === 0 || (at > 0 && latest?.[at - 1] === lineFeed);
  }

  /** What the worker has told of its own failure; null where it has not, or where the request itself was at fault. */
  failure(): Error | null {
    const pieces = [this.#before, this.#latest].filter((piece) => piece !== null);
    const tail = Buffer.concat(pieces.map((piece) => piece.subarray(-longestTail)));
    const at = tail.lastIndexOf(errorField);
    // JSON escapes line breaks, so that no text of an answer can begin a line.
    if (at === -1 || (at > 0 && tail[at - 1] !== lineFeed)) return null;
    const end = tail.indexOf(lineFeed, at);
    const json = tail.toString("utf8", at + "data: ".length, end === -1 ? tail.length : end);
    return isOfRequest(json)
      ? null
      : new Error(`The worker ended the stream with an error: ${json.slice(0, 500)}`);
  }
}

function isOfRequest(json: string): boolean {
  try {
    const { error } = JSON.parse(json) as { error?: { code?: unknown } | null };
    const code = error?.code;
    if (typeof code === "number") return code < 500;
    return isErrorCode(code) && errorTable[code].status < 500;
  } catch {
    // Cut short: it was an error all the same.
    return false;
  }
}

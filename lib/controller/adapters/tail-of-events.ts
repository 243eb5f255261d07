import { errorTable, isErrorCode } from "@/lib/errors";

const errorField = Buffer.from('data: {"error"');
const doneFrame = Buffer.from("data: [DONE]");
const lineFeed = 0x0a;
/** An error frame is short, and the last or before the last. */
const longestTail = 4 * 1024;
const empty = Buffer.alloc(0);

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

  /** Whether the last frame has come, after which there is nothing. */
  get isDone(): boolean {
    const tail = this.#end();
    const at = tail.lastIndexOf(doneFrame);
    if (at === -1 || (at > 0 && tail[at - 1] !== lineFeed)) return false;
    return tail.toString("latin1", at + doneFrame.length).trim() === "";
  }

  /** What the worker has told of its own failure; null where it has not, or where the request itself was at fault. */
  failure(): Error | null {
    const tail = this.#end();
    const at = tail.lastIndexOf(errorField);
    // JSON escapes line breaks, so that no text of an answer can begin a line.
    if (at === -1 || (at > 0 && tail[at - 1] !== lineFeed)) return null;
    const end = tail.indexOf(lineFeed, at);
    const json = tail.toString("utf8", at + "data: ".length, end === -1 ? tail.length : end);
    return isOfRequest(json)
      ? null
      : new Error(`The worker ended the stream with an error: ${json.slice(0, 500)}`);
  }

  /** Of the last two pieces; a copy only where both have a part in it. */
  #end(): Buffer {
    const latest = this.#latest ?? empty;
    const missing = longestTail - latest.length;
    if (missing <= 0) return latest.subarray(-longestTail);
    return this.#before === null ? latest : Buffer.concat([this.#before.subarray(-missing), latest]);
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

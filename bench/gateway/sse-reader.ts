const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const byteOrderMark = 0xfeff;

export type SseReader = {
  /** Errors: a TypeError where the bytes are not UTF-8. */
  push(bytes: Uint8Array): void;
  /** True where something was left that no blank line ended; such an event counts for nothing. Errors as `push`. */
  end(): boolean;
};

/**
 * An exact reader of Server-Sent Events, stricter than a client has to be: lines end in LF, CRLF or CR, a byte-order mark is
 * dropped at the very start only, and bytes that are not UTF-8 are an error. Source: WHATWG HTML, 9.2.6.
 */
export function createSseReader(onData: (data: string) => void): SseReader {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let buffer = "";
  let data: string | null = null;
  let isStart = true;
  let hasEndedInCr = false;

  const line = (text: string): void => {
    if (text === "") {
      if (data !== null) onData(data);
      data = null;
      return;
    }
    const at = text.indexOf(":");
    if (at === 0) return;
    const field = at < 0 ? text : text.slice(0, at);
    if (field !== "data") return;
    const value = at < 0 ? "" : text.slice(text.charCodeAt(at + 1) === space ? at + 2 : at + 1);
    data = data === null ? value : `${data}\n${value}`;
  };

  const feed = (decoded: string): void => {
    let text = decoded;
    if (text === "") return;
    if (isStart && text.charCodeAt(0) === byteOrderMark) text = text.slice(1);
    isStart = false;
    if (hasEndedInCr && text.charCodeAt(0) === lineFeed) text = text.slice(1);
    hasEndedInCr = text.charCodeAt(text.length - 1) === carriageReturn;
    buffer += text;
    let from = 0;
    for (let at = nextEnd(buffer, 0); at >= 0; at = nextEnd(buffer, from)) {
      line(buffer.slice(from, at));
      const isCrLf = buffer.charCodeAt(at) === carriageReturn && buffer.charCodeAt(at + 1) === lineFeed;
      from = at + (isCrLf ? 2 : 1);
    }
    buffer = buffer.slice(from);
  };

  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end() {
      feed(decoder.decode());
      return buffer !== "" || data !== null;
    },
  };
}

function nextEnd(text: string, from: number): number {
  const lf = text.indexOf("\n", from);
  const cr = text.indexOf("\r", from);
  if (cr < 0) return lf;
  return lf < 0 ? cr : Math.min(lf, cr);
}

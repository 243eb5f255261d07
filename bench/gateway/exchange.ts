import type { Dispatcher } from "undici";
import { answerReader } from "./answer-reader";
import type { LoadConnections } from "./load-connections";
import { scriptedText, type TextSet, writeScript } from "./scripted-text";

/** A server under test: an address on loopback with what it wants to be told. */
export type Target = {
  /** Where chats are answered. */
  url: URL;
  headers: Readonly<Record<string, string>>;
  model: string;
};

/** What is asked for, again and again with another seed. */
export type Ask = {
  isStream: boolean;
  tokens: number;
  /** Between two tokens of a stream; 0: as fast as it goes. */
  delayMs: number;
  set: TextSet;
  timeoutMs: number;
};

export type ExchangeResult = {
  /** What was wrong, in words; null: the answer was right to the last byte. */
  error: string | null;
  /** A connection that the server had just closed: sent once more on the same clock. */
  isRetried: boolean;
  firstByteMs: number | null;
  /** First piece of text. */
  firstTokenMs: number | null;
  totalMs: number;
  /** Between the pieces of text of a stream. */
  gapsMs: readonly number[];
};

export type Connection = { target: Target; ask: Ask; connections: LoadConnections };

/** Resolves, never rejects: what went wrong is in the result. */
export async function exchange(connection: Connection, seed: number): Promise<ExchangeResult> {
  const startedAt = performance.now();
  const first = await attempt(connection, seed, startedAt);
  if (!first.isStale) return { ...first.result, isRetried: false };
  return { ...(await attempt(connection, seed, startedAt)).result, isRetried: true };
}

type Attempt = { result: Omit<ExchangeResult, "isRetried">; isStale: boolean };

function attempt(
  { target, ask, connections }: Connection,
  seed: number,
  startedAt: number,
): Promise<Attempt> {
  return new Promise((resolve) => {
    const since = (): number => performance.now() - startedAt;
    let controller: Dispatcher.DispatchController | null = null;
    let firstByteMs: number | null = null;
    let reader: ReturnType<typeof answerReader> | null = null;
    let isSettled = false;
    const settle = (error: string | null, isStale = false): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      const { firstTokenMs = null, gapsMs = [] } = reader ?? {};
      resolve({ result: { error, firstByteMs, firstTokenMs, totalMs: since(), gapsMs }, isStale });
    };
    const timer = setTimeout(() => {
      settle(`no end within ${ask.timeoutMs} ms`);
      controller?.abort(new Error("late"));
    }, ask.timeoutMs);

    connections.send(
      {
        path: target.url.pathname,
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: ask.isStream ? "text/event-stream" : "application/json",
          ...target.headers,
        },
        body: JSON.stringify(bodyOf(target, ask, seed)),
      },
      {
        onRequestStart: (given) => {
          controller = given;
          if (isSettled) given.abort(new Error("late"));
        },
        onResponseStart: (status, contentType) => {
          firstByteMs = since();
          reader = answerReader(status, contentType, ask.isStream, since);
        },
        onResponseData: (bytes) => reader?.push(bytes),
        onResponseEnd: () => {
          const read = reader?.end() ?? { error: "an end without a beginning", text: "" };
          settle(read.error ?? difference(read.text, scriptedText(seed, ask.tokens, ask.set)));
        },
        onResponseError: (error, isReused) => {
          if (reader !== null) settle(`cut short after ${reader.pieces} pieces: ${error.message}`);
          // As browsers and SDKs do: nothing was answered, and the connection had served before.
          else settle(`request failed: ${error.message}`, isReused && isClosing(error));
        },
      },
    );
  });
}

const closingCodes = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

const isClosing = (error: Error): boolean => closingCodes.has((error as NodeJS.ErrnoException).code ?? "");

function bodyOf({ model }: Target, { tokens, isStream, set, delayMs }: Ask, seed: number): object {
  const content = `Say something. ${writeScript({ seed, set, delayMs })}`;
  const base = { model, messages: [{ role: "user", content }], max_tokens: tokens };
  return isStream ? { ...base, stream: true } : base;
}

/** Where the text that came differs from the text that was sent; null where it does not. */
function difference(got: string, sent: string): string | null {
  if (got === sent) return null;
  let at = 0;
  while (at < sent.length && got[at] === sent[at]) at += 1;
  const piece = (text: string): string => JSON.stringify(text.slice(at, at + 12));
  return `the text differs at ${at}: sent ${piece(sent)}, got ${piece(got)} (${got.length} of ${sent.length} characters)`;
}

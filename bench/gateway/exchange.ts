import { type Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { answerReader } from "./answer-reader";
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

export type Connection = { target: Target; ask: Ask; agent: Agent };

/** Resolves, never rejects: what went wrong is in the result. */
export async function exchange(connection: Connection, seed: number): Promise<ExchangeResult> {
  const startedAt = performance.now();
  const first = await attempt(connection, seed, startedAt);
  if (!first.isStale) return { ...first.result, isRetried: false };
  return { ...(await attempt(connection, seed, startedAt)).result, isRetried: true };
}

type Attempt = { result: Omit<ExchangeResult, "isRetried">; isStale: boolean };

function attempt({ target, ask, agent }: Connection, seed: number, startedAt: number): Promise<Attempt> {
  return new Promise((resolve) => {
    const since = (): number => performance.now() - startedAt;
    const body = Buffer.from(JSON.stringify(bodyOf(target, ask, seed)));
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

    const onResponse = (response: IncomingMessage): void => {
      firstByteMs = since();
      const current = answerReader(response, ask.isStream, since);
      reader = current;
      response.on("data", (bytes: Buffer) => current.push(bytes));
      response.on("end", () => {
        const read = current.end();
        settle(read.error ?? difference(read.text, scriptedText(seed, ask.tokens, ask.set)));
      });
      response.on("error", (error) => settle(`cut short after ${current.pieces} pieces: ${error.message}`));
    };

    const outgoing: ClientRequest = request(
      target.url,
      {
        ...{ method: "POST", agent },
        headers: {
          "content-type": "application/json",
          "content-length": body.length,
          accept: ask.isStream ? "text/event-stream" : "application/json",
          ...target.headers,
        },
      },
      onResponse,
    );
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      const isClosed = error.code === "ECONNRESET" || error.code === "EPIPE";
      // As browsers and SDKs do: nothing was answered, and the connection had served before.
      const isStale = isClosed && firstByteMs === null && outgoing.reusedSocket;
      settle(`request failed: ${error.code ?? error.message}`, isStale);
    });
    const timer = setTimeout(() => {
      settle(`no end within ${ask.timeoutMs} ms`);
      outgoing.destroy();
    }, ask.timeoutMs);
    outgoing.end(body);
  });
}

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

import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { createSseReader } from "@/bench/gateway/sse-reader";

/**
 * How a stream ended: whole; with an error that the client was told of (a status or an error frame); or cut, which a client
 * cannot tell from an answer unless it looks for `[DONE]`.
 */
export type StreamEnd =
  | { kind: "whole"; text: string }
  | { kind: "told"; text: string; status: number; code: string; retryAfter: string | null }
  | { kind: "cut"; text: string; why: string };

export type ChatStream = {
  /** Settles with the first piece of text, or with the end. */
  begun: Promise<void>;
  end: Promise<StreamEnd>;
  /** Closes the connection as a browser does that is closed. */
  abort(): void;
  /** Stops and goes on reading. */
  pause(): void;
  resume(): void;
};

export type ChatAsk = { url: string; model: string; prompt?: string; maxTokens?: number; timeoutMs?: number };

/** One streamed chat completion, read strictly. Never rejects. */
export function openChatStream({
  url,
  model,
  prompt = "Hello",
  maxTokens,
  timeoutMs = 60_000,
}: ChatAsk): ChatStream {
  let text = "";
  let response: IncomingMessage | null = null;
  let markBegun = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    markBegun = resolve;
  });
  let outgoing: ClientRequest;
  const end = new Promise<StreamEnd>((resolve) => {
    const cut = (why: string): void => resolve({ kind: "cut", text, why });
    outgoing = request(
      `${url}/v1/chat/completions`,
      { method: "POST", agent: false, headers: { "content-type": "application/json" } },
      (incoming) => {
        response = incoming;
        readAnswer(incoming, resolve, cut, (piece) => {
          text += piece;
          markBegun();
        });
      },
    );
    outgoing.on("error", (error) => cut(error.message));
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`nothing for ${timeoutMs} ms`)));
    outgoing.end(
      JSON.stringify({
        ...{ model, stream: true, messages: [{ role: "user", content: prompt }] },
        ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
      }),
    );
  });
  void end.then(() => markBegun());
  return {
    begun,
    end,
    abort: () => void outgoing.destroy(),
    pause: () => void response?.pause(),
    resume: () => void response?.resume(),
  };
}

type Chunk = { error?: { code?: string }; choices?: { delta?: { content?: string } }[] };

function readAnswer(
  incoming: IncomingMessage,
  resolve: (end: StreamEnd) => void,
  cut: (why: string) => void,
  onText: (piece: string) => void,
): void {
  let text = "";
  let body = "";
  let isDone = false;
  let told: string | null = null;
  let garbled: string | null = null;
  const status = incoming.statusCode ?? 0;
  const sse = createSseReader((data) => {
    if (data === "[DONE]") {
      isDone = true;
      return;
    }
    const chunk = JSON.parse(data) as Chunk;
    if (chunk.error !== undefined) told = chunk.error.code ?? "unnamed";
    const piece = chunk.choices?.[0]?.delta?.content ?? "";
    if (piece === "") return;
    text += piece;
    onText(piece);
  });
  incoming.on("data", (bytes: Buffer) => {
    if (status !== 200) {
      body += bytes.toString("utf8");
      return;
    }
    try {
      sse.push(bytes);
    } catch (error) {
      // What cannot be read is plain to see; the error that tells of it may be in the same packet.
      garbled = String(error);
      told ??= /"error":\{.*?"code":"([^"]+)"/.exec(bytes.toString("latin1"))?.[1] ?? null;
    }
  });
  incoming.on("end", () => {
    const retryAfter = incoming.headers["retry-after"] ?? null;
    if (status !== 200) {
      const code = /"code"\s*:\s*"([^"]+)"/.exec(body)?.[1] ?? "unnamed";
      resolve({ kind: "told", text: "", status, code, retryAfter });
    } else if (told !== null) resolve({ kind: "told", text, status, code: told, retryAfter });
    else if (garbled !== null) cut(`not a stream: ${garbled}`);
    else if (isDone) resolve({ kind: "whole", text });
    else cut("the stream ended without [DONE] and without an error");
  });
  incoming.on("error", (error) => cut(error.message));
}

/** "12 whole, 3 told (upstream_failed), 1 cut". */
export function describeEnds(ends: readonly StreamEnd[]): string {
  const counts = new Map<string, number>();
  for (const end of ends) {
    const name = end.kind === "told" ? `told ${end.status} ${end.code}` : end.kind;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
}

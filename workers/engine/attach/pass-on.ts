import { AppError } from "@/lib/errors";
import type { ForwardAnswer, ForwardPath } from "../forwarding-engine";
import type { ForwardBody } from "./forward-body";
import { ModelNameRewriter } from "./model-name-rewriter";
import { type RefusedResult, refusedAnswer } from "./refused-answer";
import { readText, type Upstream, type UpstreamAnswer } from "./upstream";

export type PassOnOptions = {
  upstream: Upstream;
  request: ForwardBody;
  path: ForwardPath;
  requestId: string;
  signal: AbortSignal;
  /** The key, to be kept out of every text that is handed on; null: there is none. */
  secret: string | null;
  /** The engine is done with an answer that was begun. */
  onEnd: () => void;
  /** The engine failed for a reason of its own, with this status or without an answer. */
  onUnwell: (status: number | null) => void;
};

/** Error bodies are short; what is longer is a page. */
const maxErrorBytes = 64 * 1024;

/** Sends one request to the engine. Errors before its answer begins: an `AppError`, or the signal's reason. */
export async function passOn(options: PassOnOptions): Promise<ForwardAnswer> {
  const { upstream, request, path, requestId, signal } = options;
  let answer: UpstreamAnswer;
  try {
    answer = await upstream.post(upstream.apiPath(path), request.bytes, requestId, signal);
  } catch (cause) {
    signal.throwIfAborted();
    options.onUnwell(null);
    throw isTimeout(cause) ? timedOut(cause) : new AppError("no_worker_available", { cause });
  }
  if (answer.statusCode === 200) return whole(options, answer);
  return refused(options, answer);
}

function whole(options: PassOnOptions, { headers, body }: UpstreamAnswer): ForwardAnswer {
  const { request } = options;
  const contentType = first(headers["content-type"]) ?? "application/json";
  const isEventStream = /^text\/event-stream/i.test(contentType);
  const encoding = first(headers["content-encoding"]) ?? "identity";
  if ((!isEventStream && !/json/i.test(contentType)) || encoding !== "identity") {
    body.destroy();
    options.onUnwell(200);
    throw new AppError("upstream_failed", { message: "The engine's answer is not understood." });
  }
  const isRenamed = request.publicName !== request.upstreamName;
  const length = Number(first(headers["content-length"]) ?? Number.NaN);
  return {
    status: 200,
    contentType,
    contentLength: isRenamed || !Number.isInteger(length) ? null : length,
    body: answerBytes(
      options,
      body,
      isRenamed ? new ModelNameRewriter(request.publicName, isEventStream) : null,
    ),
  };
}

async function* answerBytes(
  { signal, onEnd, onUnwell }: PassOnOptions,
  body: UpstreamAnswer["body"],
  rewriter: ModelNameRewriter | null,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    let isEmpty = true;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      isEmpty = false;
      const bytes = rewriter === null ? chunk : rewriter.push(chunk);
      if (bytes.length > 0) yield bytes;
    }
    if (isEmpty) throw new Error("The answer has no bytes.");
  } catch (cause) {
    signal.throwIfAborted();
    onUnwell(null);
    throw isTimeout(cause) ? timedOut(cause) : new AppError("upstream_failed", { cause });
  } finally {
    body.destroy();
    onEnd();
  }
}

async function refused(
  options: PassOnOptions,
  { statusCode: status, headers, body }: UpstreamAnswer,
): Promise<ForwardAnswer> {
  const { request, signal, onEnd, onUnwell } = options;
  let text: string;
  try {
    text = await readText(body, maxErrorBytes);
  } catch (cause) {
    signal.throwIfAborted();
    // The status alone says enough.
    text = "";
    onUnwell(null);
    if (status < 400) throw new AppError("upstream_failed", { cause });
  }
  const result = refusedAnswer({
    status,
    contentType: first(headers["content-type"]) ?? "",
    retryAfter: first(headers["retry-after"]) ?? null,
    text: disguised(text, options),
  });
  if (isUnwell(result, status)) onUnwell(status);
  if (result.kind === "error") throw result.error;
  const bytes = Buffer.from(result.body);
  return {
    status: result.status,
    contentType: "application/json; charset=utf-8",
    contentLength: bytes.length,
    body: once(bytes, onEnd),
  };

  function disguised(raw: string, { secret }: PassOnOptions): string {
    const clean = secret === null ? raw : raw.replaceAll(secret, "***");
    return request.publicName === request.upstreamName
      ? clean
      : clean.replaceAll(request.upstreamName, request.publicName);
  }
}

/** Whether a look at the engine is due. 404: it may have lost the model. A provider's quota is no reason. */
function isUnwell(result: RefusedResult, status: number): boolean {
  if (status === 404) return true;
  return result.kind === "error" && result.error.status >= 500;
}

async function* once(bytes: Buffer, onEnd: () => void): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield bytes;
  } finally {
    onEnd();
  }
}

function timedOut(cause: unknown): AppError {
  return new AppError("upstream_timeout", { message: "The engine did not answer in time.", cause });
}

function isTimeout(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return (
    code === "UND_ERR_HEADERS_TIMEOUT" ||
    code === "UND_ERR_BODY_TIMEOUT" ||
    code === "UND_ERR_CONNECT_TIMEOUT"
  );
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

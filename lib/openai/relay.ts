import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { AppError, renderSseError, toAppError } from "@/lib/errors";
import { SseFrames } from "./sse-frames";

/** complete: all bytes were written; client_gone: the client left, or stopped reading; otherwise the error's code. */
export type RelayOutcome = "complete" | "client_gone" | AppError["code"];

/**
 * Pipes a worker's event stream to the client with backpressure. A failure of the worker becomes an SSE `error` frame,
 * and no `[DONE]` follows it. The worker's stream is destroyed when the client goes.
 *
 * @param stallMs How long a client may leave written bytes unread. It holds a place on the worker meanwhile.
 */
export function relayEvents(raw: ServerResponse, body: Readable, stallMs: number): Promise<RelayOutcome> {
  return new Promise((resolve) => {
    const frames = new SseFrames();
    let stallTimer: NodeJS.Timeout | undefined;
    let outcome: RelayOutcome = "client_gone";

    const onDrain = (): void => {
      clearTimeout(stallTimer);
      stallTimer = undefined;
      body.resume();
    };
    raw.on("drain", onDrain);
    // Comes after a complete answer as well as in place of one.
    raw.once("close", () => {
      clearTimeout(stallTimer);
      body.destroy();
      resolve(raw.writableFinished ? outcome : "client_gone");
    });

    body.on("data", (chunk: Buffer) => {
      const bytes = frames.push(chunk);
      if (bytes === null || raw.write(bytes)) return;
      body.pause();
      stallTimer ??= setTimeout(() => raw.destroy(), stallMs);
    });
    whenClosed(body, (error) => {
      if (raw.destroyed) return;
      if (error === null) {
        outcome = "complete";
        raw.end(frames.flush() ?? undefined);
        return;
      }
      const failure = toAppError(error);
      outcome = failure.code;
      raw.end(renderSseError(failure));
    });
    if (raw.destroyed) {
      body.destroy();
      resolve("client_gone");
    }
  });
}

/** Reads a whole answer. Errors: the stream's own, or `upstream_failed` beyond `limitBytes`. */
export function collect(body: Readable, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limitBytes) body.destroy(new AppError("upstream_failed"));
    });
    whenClosed(body, (error) => {
      const [only] = chunks;
      if (error !== null) reject(error);
      else resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
    });
  });
}

/** Calls back once the stream has closed, also when it had closed before: null after its regular end. */
function whenClosed(body: Readable, callback: (error: Error | null) => void): void {
  const settle = (): void => {
    if (body.errored !== null) callback(body.errored);
    else callback(body.readableEnded ? null : new AppError("upstream_failed"));
  };
  if (body.closed) settle();
  else {
    // Without a listener an 'error' would end the process; `errored` keeps it for the 'close' that follows.
    body.on("error", () => undefined);
    body.once("close", settle);
  }
}

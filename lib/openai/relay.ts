import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { AppError, toAppError } from "@/lib/errors";
import { chunkWriter } from "./chunk-writer";
import { SseFrames } from "./sse-frames";

/** What becomes of a worker's frames on their way to the client. */
export type EventFilter = {
  /** Whole frames in; what goes to the client out. May throw: the stream then fails. */
  push(frames: Buffer): Buffer | string | null;
  /** After the regular end. */
  end(): string | null;
  /** The last bytes of a stream that failed. */
  fail(error: AppError): string;
};

/** complete: all bytes were written; client_gone: the client left, or stopped reading; otherwise the error's code. */
export type RelayOutcome = "complete" | "client_gone" | AppError["code"];

/**
 * Pipes a worker's event stream through the filter to the client, with backpressure. A failure of the worker ends it with
 * what the filter makes of it, and no `[DONE]` follows. The worker's stream is destroyed when the client goes.
 *
 * @param stallMs How long a client may leave written bytes unread. It holds a place on the worker meanwhile.
 * @param onGap Told how long each piece came after the one before.
 */
export function relayEvents(
  raw: ServerResponse,
  body: Readable,
  stallMs: number,
  filter: EventFilter,
  onGap: (seconds: number) => void,
): Promise<RelayOutcome> {
  return new Promise((resolve) => {
    const frames = new SseFrames();
    let stallTimer: NodeJS.Timeout | undefined;
    let outcome: RelayOutcome = "client_gone";
    let previousAt = 0;

    const onDrain = (): void => {
      clearTimeout(stallTimer);
      stallTimer = undefined;
      body.resume();
    };
    const writer = chunkWriter(raw, onDrain);
    // Comes after a complete answer as well as in place of one.
    raw.once("close", () => {
      clearTimeout(stallTimer);
      writer.release();
      body.destroy();
      resolve(raw.writableFinished ? outcome : "client_gone");
    });

    const filtered = (bytes: Buffer | null): Buffer | string | null => {
      if (bytes === null) return null;
      try {
        return filter.push(bytes);
      } catch (error) {
        body.destroy(toAppError(error));
        return null;
      }
    };
    body.on("data", (chunk: Buffer) => {
      const at = performance.now();
      if (previousAt > 0) onGap((at - previousAt) / 1000);
      previousAt = at;
      const bytes = filtered(frames.push(chunk));
      if (bytes === null || writer.write(bytes)) return;
      body.pause();
      stallTimer ??= setTimeout(() => raw.destroy(), stallMs);
    });
    const finish = (): void => {
      try {
        const rest = frames.flush();
        const last = rest === null ? null : filter.push(rest);
        if (last !== null) writer.write(last);
        const end = filter.end();
        outcome = "complete";
        writer.end(end);
      } catch (error) {
        const failure = toAppError(error);
        outcome = failure.code;
        writer.end(filter.fail(failure));
      }
    };
    whenClosed(body, (error) => {
      if (raw.destroyed) return;
      if (error === null) {
        finish();
        return;
      }
      const failure = toAppError(error);
      outcome = failure.code;
      writer.end(filter.fail(failure));
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

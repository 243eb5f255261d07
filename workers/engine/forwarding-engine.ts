import type { Engine } from "./types";

/** Where a request may go, below `/v1`. */
export type ForwardPath = "/chat/completions" | "/completions" | "/embeddings";

export type ForwardRequest = {
  path: ForwardPath;
  /** JSON as it came. */
  body: Buffer;
  requestId: string;
  signal: AbortSignal;
};

export type ForwardAnswer = {
  status: number;
  contentType: string;
  /** Bytes of the body; null: not known beforehand. */
  contentLength: number | null;
  /** Errors: an `AppError`, or the signal's reason. Leaving the loop ends the request at the engine. */
  body: AsyncIterable<Buffer>;
};

/** An engine elsewhere that speaks the protocol itself: bytes go there and back without being understood here. */
export type ForwardingEngine = Pick<Engine, "load" | "info" | "models" | "status" | "dispose"> & {
  /** Errors before the answer's head: an `AppError`, or the signal's reason. */
  forward(request: ForwardRequest): Promise<ForwardAnswer>;
  /** The ids of a raw text. Errors: also `unsupported_parameter` where the engine does not tell. */
  tokenizeElsewhere(model: string, text: string, signal: AbortSignal): Promise<number[]>;
  /** False: requests would fail now, and the controller should send none. */
  readonly isAvailable: boolean;
  /** Calls back when `isAvailable` or `models()` has changed. */
  onChange(listener: () => void): void;
};

export function isForwarding(engine: Engine | ForwardingEngine): engine is ForwardingEngine {
  return "forward" in engine;
}

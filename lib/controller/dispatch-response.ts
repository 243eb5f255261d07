import { Readable } from "node:stream";
import type { WorkerAnswer } from "./ports";
import type { DispatchResponse } from "./types";

/** A worker's answer for the caller. A whole one becomes a stream only where it is read as one. */
export class WorkerResponse implements DispatchResponse {
  readonly status: number;
  readonly contentType: string;
  readonly contentLength: number | null;
  readonly whole: Buffer | null;
  readonly workerId: string;
  readonly queueWaitMs: number;
  #body: Readable | null;

  constructor(answer: WorkerAnswer, workerId: string, queueWaitMs: number) {
    this.status = answer.status;
    this.contentType = answer.contentType;
    this.contentLength = answer.contentLength;
    this.whole = answer.whole;
    this.#body = answer.body;
    this.workerId = workerId;
    this.queueWaitMs = queueWaitMs;
  }

  get body(): Readable {
    this.#body ??= Readable.from(this.whole ?? [], { objectMode: false });
    return this.#body;
  }
}

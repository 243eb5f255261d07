import type { Socket } from "node:net";
import { atEndOfTurn } from "@/lib/http";
import { MalformedResponse, type ResponseListener, ResponseParser } from "./response-parser";
import type { ReadableSocket } from "./socket-reads";

/**
 * How long the pieces of a fast stream are gathered. A stream of up to 160 tokens a second is never held; of a faster one, nobody
 * sees the difference, while each read and each write costs as much as dozens of tokens in them.
 */
export const gatherMs = 6;

/** A piece of this size is worth its read. */
const gatheredBytes = 8 * 1024;

/** Whoever waits for an answer. Told of exactly one end: `onEnd`, or `onFailure`. */
export type ResponseTaker = ResponseListener & {
  /** The answer is handed on as it comes. */
  readonly isStreaming: boolean;
  /** Its first byte comes when all of it was made. */
  readonly awaitsWhole: boolean;
  /** Its request goes out on this connection now. */
  onConnection(connection: WorkerConnection): void;
  onFailure(error: Error): void;
};

/** The worker closed the connection before its answer was whole. */
export class ConnectionClosed extends Error {
  override readonly name = "ConnectionClosed";
  readonly code = "CONNECTION_CLOSED";
}

/** No byte in time; `ANSWER_SLOW` while the worker's other answers went on. */
export class AnswerTimeout extends Error {
  override readonly name = "AnswerTimeout";
  readonly code: "ANSWER_TIMEOUT" | "ANSWER_SLOW";

  constructor(areOthersFlowing: boolean) {
    super("The worker sent nothing in time.");
    this.code = areOthersFlowing ? "ANSWER_SLOW" : "ANSWER_TIMEOUT";
  }
}

export type ConnectionOwner = {
  /** The connection may take its next request. */
  onIdle(connection: WorkerConnection): void;
  onClosed(connection: WorkerConnection): void;
};

/** One kept-alive connection to a worker: a request at a time, no pipelining. */
export class WorkerConnection {
  /** Answers that came over it; above 0 its peer may have closed it before it hears of the next request. */
  served = 0;
  /** Turns of its owner's clock without a byte from the worker, or without a request. */
  quietTurns = 0;
  readonly #socket: Socket;
  readonly #canHold: boolean;
  readonly #owner: ConnectionOwner;
  #taker: ResponseTaker | null = null;
  #parser: ResponseParser | null = null;
  #isPaused = false;
  /** What comes is left to gather for a moment. */
  #isHeld = false;
  /** Ends that moment. One for the connection, and none that several share: their streams would go on, and in the end end, all at once. */
  #gathering: NodeJS.Timeout | undefined;
  /** When something was last read, or could have been. */
  #openAt = 0;
  /** Why it was closed from this side; null: the worker did it. */
  #reason: Error | null = null;

  constructor({ socket, take, canHold }: ReadableSocket, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#canHold = canHold;
    take(this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("error", (error) => {
      this.#reason ??= error;
    });
    socket.once("close", this.#onClose);
  }

  get isBusy(): boolean {
    return this.#taker !== null;
  }

  get awaitsWhole(): boolean {
    return this.#taker?.awaitsWhole === true;
  }

  /** False once either side has begun to close it, which its owner is told a little later. */
  get isUsable(): boolean {
    return this.#socket.readable && this.#socket.writable;
  }

  /** A reader that does not take what has come holds the worker up; that is not the worker's silence. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  run(taker: ResponseTaker, request: Buffer): void {
    this.#taker = taker;
    this.#parser = new ResponseParser(taker);
    this.quietTurns = 0;
    taker.onConnection(this);
    atEndOfTurn(() => this.#socket.write(request));
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.quietTurns = 0;
    if (!this.#isHeld) this.#socket.resume();
  }

  /** Ends the exchange that is under way with the reason. */
  close(reason: Error): void {
    this.#reason ??= reason;
    this.#socket.destroy();
  }

  #onData = (bytes: Buffer): void => {
    const parser = this.#parser;
    if (parser === null) {
      this.close(new MalformedResponse("The worker speaks without having been asked."));
      return;
    }
    this.quietTurns = 0;
    let taken: number;
    try {
      taken = parser.push(bytes);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error("unreadable", { cause: error }));
      return;
    }
    if (parser.isDone) this.#finish(parser.isKeptAlive && taken === bytes.length);
    else if (bytes.length < gatheredBytes && this.#canHold && this.#taker?.isStreaming === true) this.#pace();
  };

  /** The first piece of an answer goes on at once, and so does each that does not follow closely on the one before. */
  #pace(): void {
    const at = performance.now();
    const isClose = at - this.#openAt < gatherMs;
    this.#openAt = at;
    if (!isClose) return;
    this.#isHeld = true;
    this.#socket.pause();
    if (this.#gathering === undefined) this.#gathering = setTimeout(this.#readOn, gatherMs);
    else this.#gathering.refresh();
  }

  #readOn = (): void => {
    this.#isHeld = false;
    this.#openAt = performance.now();
    if (!this.#isPaused) this.#socket.resume();
  };

  #onEnd = (): void => {
    if (this.#parser?.close() === true) this.#finish(false);
    // The socket then closes by itself, and whoever waits still learns of it there.
    else this.#reason ??= new ConnectionClosed("The worker closed the connection.");
  };

  #onClose = (): void => {
    clearTimeout(this.#gathering);
    const reason = this.#reason ?? new ConnectionClosed("The worker closed the connection.");
    this.#owner.onClosed(this);
    this.#fail(reason);
  };

  /** The answer was whole. A request that was not sent to its end by then (refused by its head) spoils the connection. */
  #finish(isKeptAlive: boolean): void {
    this.#taker = null;
    this.#parser = null;
    this.served += 1;
    this.quietTurns = 0;
    if (isKeptAlive && this.#socket.writableLength === 0 && this.isUsable) {
      if (this.#isPaused) this.resume();
      this.#owner.onIdle(this);
    } else this.#socket.destroy();
  }

  #fail(error: Error): void {
    const taker = this.#taker;
    this.#taker = null;
    this.#parser = null;
    this.close(error);
    taker?.onFailure(error);
  }
}

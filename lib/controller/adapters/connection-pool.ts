import type { ReadableSocket } from "./socket-reads";
import {
  AnswerTimeout,
  ConnectionClosed,
  type ConnectionOwner,
  type ResponseTaker,
  WorkerConnection,
} from "./worker-connection";

export type ConnectRequest = (
  ...result: [error: null, socket: ReadableSocket] | [error: Error, socket: null]
) => void;

export type ConnectionPoolOptions = {
  /** Opens a connection to the worker, or says why not. */
  connect: (callback: ConnectRequest) => void;
  /** Longest wait for the first byte of an answer, and between two of its bytes. */
  timeoutMs: number;
  /** Longest wait for the first byte of an answer that comes as a whole. */
  wholeTimeoutMs: number;
};

/** A taker that may lose its interest while its connection is being made. */
export type PooledTaker = ResponseTaker & { readonly isSettled: boolean };

/** Unused for so long, a connection is closed, before most servers do it (Node's after 5 s). */
const idleMs = 4_000;
/** Turns of the clock within the shortest of the times that it measures. */
const turnsWithin = 10;
/** Of the longest wait: a worker that sent something within this part of it goes on with its answers. */
const flowing = 0.5;

/** The connections to one worker: as many as there are requests at the same time; those that are free serve again. */
export class ConnectionPool implements ConnectionOwner {
  readonly #options: ConnectionPoolOptions;
  readonly #open = new Set<WorkerConnection>();
  /** The one used last serves first, so that those beyond the need fall out of use. */
  readonly #idle: WorkerConnection[] = [];
  readonly #turnMs: number;
  /** One for all connections: a timer for each request and each piece of an answer would cost more than the rest. */
  #clock: NodeJS.Timeout | undefined;
  /** Turns of the clock so far, and at the latest piece of a good answer. */
  #turn = 0;
  #flowedAt = Number.NEGATIVE_INFINITY;
  #onRetired: (() => void) | null = null;
  #connecting = 0;
  #destroyedBy: Error | null = null;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
    const shortestMs = Math.min(options.timeoutMs, options.wholeTimeoutMs, idleMs);
    this.#turnMs = Math.max(1, Math.floor(shortestMs / turnsWithin));
  }

  /** Sends the request over a free connection, or over a new one. The taker learns what becomes of it. */
  send(taker: PooledTaker, request: Buffer): void {
    let connection = this.#idle.pop();
    while (connection !== undefined && !connection.isUsable) connection = this.#idle.pop();
    if (connection === undefined) this.sendFresh(taker, request);
    else connection.run(taker, request);
  }

  /** Sends the request over a connection that no other request has used. */
  sendFresh(taker: PooledTaker, request: Buffer): void {
    this.#connecting += 1;
    this.#options.connect((error, socket) => {
      this.#connecting -= 1;
      if (error !== null) {
        taker.onFailure(error);
        this.#endIfRetired();
        return;
      }
      const connection = new WorkerConnection(socket, this);
      this.#open.add(connection);
      this.#clock ??= this.#startClock();
      if (this.#destroyedBy !== null) connection.close(this.#destroyedBy);
      if (this.#destroyedBy !== null) taker.onFailure(this.#destroyedBy);
      else if (taker.isSettled) this.onIdle(connection);
      else connection.run(taker, request);
    });
  }

  /** A piece of a good answer has come. */
  onFlow(): void {
    this.#flowedAt = this.#turn;
  }

  onIdle(connection: WorkerConnection): void {
    if (this.#onRetired === null) this.#idle.push(connection);
    else connection.close(new ConnectionClosed("The worker has gone."));
  }

  onClosed(connection: WorkerConnection): void {
    this.#open.delete(connection);
    if (!connection.isBusy) this.#dropIdle(connection);
    if (this.#open.size === 0) {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
    this.#endIfRetired();
  }

  /** Running answers end by themselves; calls back when the last connection has gone. */
  retire(onRetired: () => void): void {
    this.#onRetired = onRetired;
    for (const connection of this.#idle.splice(0))
      connection.close(new ConnectionClosed("The worker has gone."));
    this.#endIfRetired();
  }

  /** Ends whatever is under way. Resolves when all of it has ended. */
  destroy(reason: Error): Promise<void> {
    this.#destroyedBy = reason;
    return new Promise((resolve) => {
      this.retire(resolve);
      for (const connection of this.#open) connection.close(reason);
    });
  }

  #dropIdle(connection: WorkerConnection): void {
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
  }

  #endIfRetired(): void {
    if (this.#open.size === 0 && this.#connecting === 0) this.#onRetired?.();
  }

  #startClock(): NodeJS.Timeout {
    const answerTurns = Math.ceil(this.#options.timeoutMs / this.#turnMs);
    const wholeTurns = Math.ceil(this.#options.wholeTimeoutMs / this.#turnMs);
    const idleTurns = Math.floor(idleMs / this.#turnMs);
    const turn = (): void => {
      this.#turn += 1;
      for (const connection of this.#open) {
        connection.quietTurns += 1;
        if (!connection.isBusy) {
          if (connection.quietTurns >= idleTurns) connection.close(new ConnectionClosed("Unused."));
          continue;
        }
        const mostTurns = connection.awaitsWhole ? wholeTurns : answerTurns;
        if (connection.quietTurns <= mostTurns || connection.isPaused) continue;
        // Its own last piece was longer ago.
        connection.close(new AnswerTimeout(this.#turn - this.#flowedAt <= answerTurns * flowing));
      }
    };
    const clock = setInterval(turn, this.#turnMs);
    clock.unref();
    return clock;
  }
}

import type { EventSourceMessage } from "eventsource-parser/stream";
import { ApiError, type ApiErrorCode, toApiError } from "./api-error";
import { backoffMs, waitToReconnect } from "./backoff";
import { errorOf } from "./call-api";
import { readSse } from "./read-sse";

const hiddenFlushMs = 250;

/** The stream did not fit what is on the page: attach again, its snapshot mends everything. */
class GapError extends Error {}

export type ConnectionState = "closed" | "open" | "reconnecting";

export type EventConnection = {
  /** Reads the events of one thing until it stops running; attaches again by itself when the connection drops. */
  attach: (id: string) => void;
  detach: () => void;
};

export type EventConnectionOptions<State, Event extends { type: string }> = {
  pathOf: (id: string) => string;
  /** One frame as an event. Errors: `ApiError`. */
  parse: (frame: EventSourceMessage) => Event;
  read: () => State;
  write: (state: State) => void;
  /** The next state; the same object where nothing changes. `isStale`: what is here and the event do not fit together. */
  apply: (state: State, event: Event) => { next: State; isStale: boolean };
  /** While there is something to read. */
  isRunning: (state: State) => boolean;
  onConnection: (state: ConnectionState) => void;
  /** True where the event ends the reading for good; nothing more is read. */
  onEvent?: (id: string, event: Event) => boolean;
  /** Codes with which the server refuses the stream for good. */
  refusals: readonly ApiErrorCode[];
  onRefused: (error: ApiError) => void;
};

export function createEventConnection<State, Event extends { type: string }>(
  options: EventConnectionOptions<State, Event>,
): EventConnection {
  const { read, isRunning, onConnection } = options;
  let current: AbortController | null = null;

  function detach() {
    current?.abort();
    current = null;
    onConnection("closed");
  }

  function attach(id: string) {
    detach();
    const controller = new AbortController();
    current = controller;
    void keepReading(id, controller.signal);
  }

  async function keepReading(id: string, signal: AbortSignal) {
    let attempt = 0;
    while (!signal.aborted) {
      try {
        await readOnce(id, signal, () => {
          attempt = 0;
        });
        if (signal.aborted || !isRunning(read())) break;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof GapError && attempt === 0) {
          attempt += 1;
          continue;
        }
        const refused = toApiError(error);
        if (options.refusals.includes(refused.code)) {
          onConnection("closed");
          options.onRefused(refused);
          return;
        }
      }
      onConnection("reconnecting");
      await waitToReconnect(backoffMs(attempt, Math.random), signal);
      attempt += 1;
    }
    if (!signal.aborted) onConnection("closed");
  }

  async function readOnce(id: string, signal: AbortSignal, onProgress: () => void) {
    const response = await fetch(options.pathOf(id), {
      headers: { accept: "text/event-stream" },
      cache: "no-store",
      signal,
    });
    if (!response.ok) throw await errorOf(response);
    if (response.body === null) throw new ApiError("unexpected");
    const frame = createFrame(options, () => signal.aborted);
    try {
      for await (const message of readSse(response.body)) {
        if (signal.aborted) return;
        const event = options.parse(message);
        if (options.onEvent?.(id, event) === true) return;
        if (event.type !== "snapshot") onProgress();
        frame.push(event);
        if (frame.isStale()) throw new GapError();
        if (event.type === "delta" || event.type === "status") continue;
        frame.flush();
        onConnection("open");
        if (!isRunning(read())) return;
      }
    } finally {
      frame.flush();
    }
  }

  return { attach, detach };
}

/** Gathers events and shows them once an animation frame: fast streams then cost one render each 16 ms. */
function createFrame<State, Event extends { type: string }>(
  { read, write, apply }: EventConnectionOptions<State, Event>,
  isOver: () => boolean,
) {
  let state = read();
  let isStale = false;
  let cancel: (() => void) | null = null;

  function flush() {
    cancel?.();
    cancel = null;
    if (!isOver() && state !== read()) write(state);
  }

  return {
    flush,
    isStale: () => isStale,
    push(event: Event) {
      const applied = apply(state, event);
      isStale ||= applied.isStale;
      if (applied.next === state) return;
      state = applied.next;
      cancel ??= schedule(() => {
        cancel = null;
        flush();
      });
    },
  };
}

/** A hidden tab has no animation frames. */
function schedule(task: () => void): () => void {
  if (document.visibilityState === "hidden") {
    const timer = setTimeout(task, hiddenFlushMs);
    return () => clearTimeout(timer);
  }
  const handle = requestAnimationFrame(task);
  return () => cancelAnimationFrame(handle);
}

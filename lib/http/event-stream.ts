import type { FastifyReply, FastifyRequest } from "fastify";
import { atEndOfTurn } from "./end-of-turn";

/** A comment line this often keeps proxies from closing a quiet stream, and notices readers that are gone. */
const keepAliveMs = 15_000;
/** A reader that lets this much pile up is cut off; it re-attaches and gets a snapshot instead. */
const maxBufferedBytes = 4 * 1024 * 1024;

export type EventStream = {
  /** One SSE frame: `event: <type>` with the data as JSON. After the end it does nothing. */
  send(type: string, data: unknown): void;
  /** Called once, when either end has closed. */
  onClose(listener: () => void): void;
};

/** Turns the reply into an SSE stream that stays open until the reader goes or the server closes its connections. */
export function openEventStream(request: FastifyRequest, reply: FastifyReply): EventStream {
  const headers = reply.getHeaders();
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  raw.flushHeaders();
  request.raw.socket.setNoDelay(true);
  const keepAlive = setInterval(() => raw.write(":\n\n"), keepAliveMs);
  keepAlive.unref();
  raw.once("close", () => clearInterval(keepAlive));
  /** Frames of one turn of the event loop, such as a piece of either side of a battle, go in one write. */
  let waiting = "";
  const flush = (): void => {
    const frames = waiting;
    waiting = "";
    if (raw.destroyed || raw.writableEnded) return;
    raw.write(frames);
    if (raw.writableLength > maxBufferedBytes) raw.destroy();
  };
  return {
    send(type, data) {
      if (raw.destroyed || raw.writableEnded) return;
      const isFirst = waiting === "";
      waiting += `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
      // Last, because the turn may end in this very call.
      if (isFirst) atEndOfTurn(flush);
    },
    onClose(listener) {
      if (raw.destroyed || raw.closed) listener();
      else raw.once("close", listener);
    },
  };
}

import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { atEndOfTurn } from "@/lib/http";

/** Writes the body of a response whose head has been written, a chunk at a time. */
export type ChunkWriter = {
  /** False: wait for `onDrain`. */
  write(bytes: Buffer | string): boolean;
  end(bytes: Buffer | string | null): void;
  /** Nothing more is written; the connection may go on without it. */
  release(): void;
};

const lastChunk = Buffer.from("0\r\n\r\n");
/** Of a larger piece, the copy would cost more than the second write. */
const mostJoinedBytes = 16 * 1024;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/**
 * Frames each chunk (RFC 9112, 7.1) in one buffer, and hands all after the first, which takes the head along, to the socket
 * itself. Node would give it four pieces for each in a turn of its own, which for the small frames of an event stream costs a
 * fifth of all that the stream costs. What is not framed (HTTP/1.0) passes as it is.
 */
export function chunkWriter(raw: ServerResponse, onDrain: () => void): ChunkWriter {
  raw.on("drain", onDrain);
  if (!raw.chunkedEncoding) {
    return {
      write: (bytes) => raw.write(bytes),
      end: (bytes) => void raw.end(bytes ?? undefined),
      release: () => void raw.off("drain", onDrain),
    };
  }
  // The head has announced it; from here on the framing is ours.
  raw.chunkedEncoding = false;
  let socket: Socket | null = null;
  let isCorked = false;
  /** What is written in one turn of the event loop goes out in one piece, and with what others write in it. */
  const cork = (to: Socket): void => {
    if (isCorked) return;
    isCorked = true;
    to.cork();
    atEndOfTurn(() => {
      isCorked = false;
      to.uncork();
    });
  };
  const first = (bytes: Buffer): boolean => {
    // Null while answers to earlier requests of the connection are still going out before this one.
    socket = raw.socket;
    socket?.on("drain", onDrain);
    if (bytes.length > mostJoinedBytes) return raw.write(bytes);
    if (socket !== null) cork(socket);
    // As latin1, which keeps every byte, it goes out in one piece with the head.
    return raw.write(bytes.toString("latin1"), "latin1");
  };
  const send = (chunk: Buffer): boolean => {
    if (socket === null) return first(chunk);
    // Ended by the client's half-close, for instance: the response knows what to do then.
    if (!socket.writable) return raw.write(chunk);
    cork(socket);
    return socket.write(chunk);
  };
  return {
    write: (bytes) => {
      // An empty chunk would be read as the last one.
      if (bytes.length === 0) return socket === null ? !raw.writableNeedDrain : !socket.writableNeedDrain;
      return send(framed(bytes, noTail));
    },
    end: (bytes) => {
      send(bytes === null || bytes.length === 0 ? lastChunk : framed(bytes, lastChunk));
      // It uncorks the socket at once.
      atEndOfTurn(() => raw.end());
    },
    release: () => {
      raw.off("drain", onDrain);
      socket?.off("drain", onDrain);
    },
  };
}

const noTail = Buffer.alloc(0);

function framed(bytes: Buffer | string, tail: Buffer): Buffer {
  const length = typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length;
  const size = length.toString(16);
  const chunk = take(size.length + 2 + length + 2 + tail.length);
  let at = chunk.write(size, "latin1");
  chunk[at++] = carriageReturn;
  chunk[at++] = lineFeed;
  if (typeof bytes === "string") chunk.write(bytes, at, "utf8");
  else chunk.set(bytes, at);
  at += length;
  chunk[at++] = carriageReturn;
  chunk[at++] = lineFeed;
  if (tail.length > 0) chunk.set(tail, at);
  return chunk;
}

const slabBytes = 64 * 1024;
let slab = Buffer.allocUnsafeSlow(slabBytes);
let taken = 0;

/** As `Buffer.allocUnsafe` does it, out of a piece of memory eight times as large: to get the memory costs more than a chunk. */
function take(size: number): Buffer {
  if (size > slabBytes / 8) return Buffer.allocUnsafe(size);
  if (taken + size > slabBytes) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    taken = 0;
  }
  const bytes = slab.subarray(taken, taken + size);
  taken += size;
  return bytes;
}

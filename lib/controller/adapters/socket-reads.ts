import type { OnReadOpts, Socket } from "node:net";

/** A connected socket, and a way to its bytes. */
export type ReadableSocket = {
  socket: Socket;
  /** Takes what comes from here on. What it is given is its own to keep. Called once. */
  take(onBytes: (bytes: Buffer) => void): void;
  /** Whether `pause()` leaves what comes with the operating system, so that it is read in one piece afterwards. */
  canHold: boolean;
};

/** One for all sockets: what was read is copied out before the next read begins. */
const shared = new Uint8Array(64 * 1024);

/**
 * For a socket that is still to be opened with `onread`: reads go into memory that is there already. Node's own way takes
 * 64 KiB from the allocator for each read, and gives back what a token has not filled.
 */
export function ownReads(): { onread: OnReadOpts; reads: (socket: Socket) => ReadableSocket } {
  let listener: ((bytes: Buffer) => void) | null = null;
  const onread: OnReadOpts = {
    buffer: shared,
    callback: (length, from) => {
      const bytes = Buffer.allocUnsafe(length);
      bytes.set(from.subarray(0, length));
      listener?.(bytes);
      return true;
    },
  };
  const reads = (socket: Socket): ReadableSocket => ({
    socket,
    take: (onBytes) => {
      listener = onBytes;
      // No 'data' comes from it, and without one nothing would tell of its end.
      socket.resume();
    },
    canHold: true,
  });
  return { onread, reads };
}

/** For a socket that is read as a stream. */
export function streamReads(socket: Socket): ReadableSocket {
  return { socket, take: (onBytes) => void socket.on("data", onBytes), canHold: false };
}

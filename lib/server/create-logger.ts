import pino, { type Logger } from "pino";

/** Bytes of lines that are gathered before they are written, as many as go out in one write: a write for each would cost more than the line. */
const bufferedBytes = 15 * 1024;
/** Longest time that a line is held back. A process that is killed loses what was held; any other end writes it. */
const heldMs = 250;

/** The log of a server process: one JSON object a line, on standard output. */
export function createLogger(level: string, base: Readonly<Record<string, unknown>>): Logger {
  return pino(
    { level, base },
    pino.destination({ sync: false, minLength: bufferedBytes, periodicFlush: heldMs }),
  );
}

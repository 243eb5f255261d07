import pino, { type DestinationStream, type Logger } from "pino";

/** Characters of lines that are gathered before they are written: a write for each line would cost more than the line. */
const gatheredLength = 60 * 1024;
/** Longest time that a line is held back. A process that is killed loses what was held; any other end writes it. */
const heldMs = 250;

/** The log of a server process: one JSON object a line, on standard output. */
export function createLogger(level: string, base: Readonly<Record<string, unknown>>): Logger {
  return pino({ level, base }, new GatheredLines());
}

/**
 * pino's own destination gathers too, but measures all that it has gathered anew with each line, which costs more than to
 * make the line (bench/README.md, "gateway").
 */
class GatheredLines implements DestinationStream {
  readonly #output: ReturnType<typeof pino.destination>;
  #held = "";
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    // Before the destination's own listener, which writes what it has.
    process.once("exit", () => this.#handOver());
    this.#output = pino.destination({ sync: false });
  }

  write(line: string): void {
    this.#held += line;
    if (this.#held.length >= gatheredLength) this.#handOver();
    else this.#timer ??= setTimeout(() => this.#handOver(), heldMs).unref();
  }

  /** pino calls it after a fatal line. */
  flushSync(): void {
    this.#handOver();
    this.#output.flushSync();
  }

  #handOver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const held = this.#held;
    this.#held = "";
    if (held !== "") this.#output.write(held);
  }
}

/** What is read no more often than the pacer says. */
export type PacedReader = { readOn(): void };

/**
 * How long the pieces of a fast stream are gathered. A stream of up to 250 tokens a second is never held; of a faster one, nobody
 * sees the difference, while each read and each write costs as much as dozens of tokens in them.
 */
export const gatherMs = 4;

/** A piece of this size is worth its read. */
export const gatheredBytes = 8 * 1024;

/** Lets those who hold back go on together, by one timer. */
export class ReadPacer {
  #held: PacedReader[] = [];

  hold(reader: PacedReader): void {
    if (this.#held.length === 0) setTimeout(this.#readOn, gatherMs);
    this.#held.push(reader);
  }

  #readOn = (): void => {
    const held = this.#held;
    this.#held = [];
    for (const reader of held) reader.readOn();
  };
}

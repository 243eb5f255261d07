/**
 * Finds stop strings in a text that arrives in pieces. Nothing of a stop string is ever let through: the longest end
 * of the text that may still become one is held back until the next piece decides.
 */
export class StopMatcher {
  readonly #stops: readonly string[];
  #held = "";

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** `text` may go out; `isStopped`: a stop string came right after it, and the answer ends here. */
  push(piece: string): { text: string; isStopped: boolean } {
    if (this.#stops.length === 0) return { text: piece, isStopped: false };
    const text = this.#held + piece;
    const stopAt = this.#earliestStop(text);
    if (stopAt !== -1) {
      this.#held = "";
      return { text: text.slice(0, stopAt), isStopped: true };
    }
    const heldLength = this.#longestOpenEnd(text);
    this.#held = text.slice(text.length - heldLength);
    return { text: text.slice(0, text.length - heldLength), isStopped: false };
  }

  /** What is still held, when the answer has ended for another reason. */
  flush(): string {
    const text = this.#held;
    this.#held = "";
    return text;
  }

  #earliestStop(text: string): number {
    let earliest = -1;
    for (const stop of this.#stops) {
      const at = text.indexOf(stop);
      if (at !== -1 && (earliest === -1 || at < earliest)) earliest = at;
    }
    return earliest;
  }

  #longestOpenEnd(text: string): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
        if (text.endsWith(stop.slice(0, length))) {
          longest = length;
          break;
        }
      }
    }
    return longest;
  }
}

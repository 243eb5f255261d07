import type { SampledLogprob } from "./types";

/** Keeps log-probabilities back until the text of their tokens is out: stop strings and half characters hold text back. */
export class LogprobQueue {
  #waiting: { entry: SampledLogprob; end: number }[] = [];
  #made = 0;
  #sent = 0;

  /** A token was sampled, and so many characters were finished with it. */
  push(entry: SampledLogprob, length: number): void {
    this.#made += length;
    this.#waiting.push({ entry, end: this.#made });
  }

  /** Those whose text is out with the next `length` characters. */
  take(length: number): SampledLogprob[] {
    this.#sent += length;
    const firstKept = this.#waiting.findIndex(({ end }) => end > this.#sent);
    const ready = firstKept === -1 ? this.#waiting : this.#waiting.slice(0, firstKept);
    this.#waiting = firstKept === -1 ? [] : this.#waiting.slice(firstKept);
    return ready.map(({ entry }) => entry);
  }
}

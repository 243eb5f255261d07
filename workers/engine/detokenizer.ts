/** Ids to text, `before` being the ids that precede them. Bytes that are no character yet come out as U+FFFD. */
export type Detokenize = (tokens: readonly number[], before: readonly number[]) => string;

const replacement = "\uFFFD";
/** More ids than any character needs: what still ends in U+FFFD then is not an unfinished character but a wrong one. */
const maxOpenTokens = 8;
const contextTokens = 4;

/** Turns a stream of ids into text and never lets half a character out. */
export class IncrementalDetokenizer {
  readonly #detokenize: Detokenize;
  #before: number[];
  #open: number[] = [];
  /** How much of the open ids' text is out already. */
  #sent = 0;

  /** `prompt`: the ids before the first one; tokenizers that mark spaces need them. */
  constructor(detokenize: Detokenize, prompt: readonly number[]) {
    this.#detokenize = detokenize;
    this.#before = prompt.slice(-contextTokens);
  }

  /** The text that this id has finished; may be empty. */
  push(token: number): string {
    this.#open.push(token);
    const text = this.#detokenize(this.#open, this.#before);
    if (text.endsWith(replacement) && this.#open.length < maxOpenTokens) {
      const whole = text.slice(0, wholeLength(text));
      const piece = whole.slice(this.#sent);
      this.#sent = Math.max(this.#sent, whole.length);
      return piece;
    }
    const piece = text.slice(this.#sent);
    this.#before = [...this.#before, ...this.#open].slice(-contextTokens);
    this.#open = [];
    this.#sent = 0;
    return piece;
  }
}

/** Length without the U+FFFD at the end. */
function wholeLength(text: string): number {
  let length = text.length;
  while (length > 0 && text[length - 1] === replacement) length--;
  return length;
}

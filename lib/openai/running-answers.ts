import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "@/lib/errors";

/** A request to a model, from its arrival to its last byte. */
export type RunningAnswer = {
  /** What ends it with an error that its client is told of, when the process waits no longer. */
  onHurry: ((error: AppError) => void) | null;
  /** Where it stands among those that run. */
  place: number;
};

/** After being told to end: what the last bytes need to leave. */
const lastBytesMs = 300;

/**
 * The requests that a stop of the process has to wait for, each with its place, which the last one takes over when it ends. Not a set: one
 * that has become old leaves tables behind that it has outgrown, and the collector of young memory keeps what those name.
 */
export class RunningAnswers {
  readonly #running: RunningAnswer[] = [];
  #isClosing = false;
  #onEmpty: (() => void) | null = null;

  /** Errors: `shutting_down`. */
  begin(): RunningAnswer {
    if (this.#isClosing) throw new AppError("shutting_down");
    const answer: RunningAnswer = { onHurry: null, place: this.#running.length };
    this.#running.push(answer);
    return answer;
  }

  end(answer: RunningAnswer): void {
    if (this.#running[answer.place] !== answer) return;
    // What it holds is the whole request.
    answer.onHurry = null;
    const last = this.#running.pop();
    if (last !== undefined && last !== answer) {
      last.place = answer.place;
      this.#running[last.place] = last;
    }
    if (this.#running.length === 0) this.#onEmpty?.();
  }

  /** Takes nothing new, lets what runs end within `drainMs`, and tells the rest that it ends early. */
  async close(drainMs: number): Promise<void> {
    this.#isClosing = true;
    if (!(await this.#isEmptyWithin(drainMs))) {
      const error = new AppError("shutting_down");
      for (const answer of [...this.#running]) answer.onHurry?.(error);
      await this.#isEmptyWithin(lastBytesMs);
    }
    // An answer that is over may still wait for the end of the turn (`atEndOfTurn`) to be written.
    await nextTurn();
  }

  #isEmptyWithin(ms: number): Promise<boolean> {
    if (this.#running.length === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}

import type { EngineStatus } from "../types";
import type { Metrics } from "./prometheus";

/** Names under which an engine reports its load. */
export type LoadMetrics = {
  running: string;
  waiting: string;
  /** Histograms of the seconds that a request's token takes; the first that is there. */
  secondsPerToken: readonly string[];
  /** A gauge of a request's tokens per second, where there is no histogram. */
  tokensPerSecond: string | null;
};

/** Load out of an engine's own metrics, which also count what others ask of it. */
export class LoadMeter {
  readonly #names: LoadMetrics;
  #sum = 0;
  #count = 0;
  #tokensPerSecond: number | null = null;

  constructor(names: LoadMetrics) {
    this.#names = names;
  }

  /** Null: the metrics do not tell. */
  read(metrics: Metrics): EngineStatus | null {
    const running = metrics.get(this.#names.running);
    if (running === undefined) return null;
    this.#readSpeed(metrics);
    return {
      busySlots: wholeNumber(running),
      queued: wholeNumber(metrics.get(this.#names.waiting) ?? 0),
      tokensPerSecond: this.#tokensPerSecond,
    };
  }

  #readSpeed(metrics: Metrics): void {
    const { secondsPerToken, tokensPerSecond } = this.#names;
    const gauge = tokensPerSecond === null ? undefined : metrics.get(tokensPerSecond);
    if (gauge !== undefined && gauge > 0) this.#tokensPerSecond = gauge;
    const base = secondsPerToken.find((name) => metrics.has(`${name}_count`));
    if (base === undefined) return;
    const sum = metrics.get(`${base}_sum`) ?? 0;
    const count = metrics.get(`${base}_count`) ?? 0;
    // Since the last look; counters begin anew when an engine is restarted.
    const isRestarted = count < this.#count;
    const seconds = isRestarted ? sum : sum - this.#sum;
    const tokens = isRestarted ? count : count - this.#count;
    if (tokens > 0 && seconds > 0) this.#tokensPerSecond = tokens / seconds;
    this.#sum = sum;
    this.#count = count;
  }
}

function wholeNumber(value: number): number {
  return Math.max(0, Math.round(value));
}

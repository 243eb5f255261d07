/** How often the rows are read while somebody listens to an answer that another process writes, or that was lost. */
const followIntervalMs = 1_000;

export type ReaderWatchOptions = {
  /** How long answers go on without any reader. */
  orphanGraceMs: number;
  /** True while answers are written here and nobody listens. */
  isOrphan: () => boolean;
  /** True while somebody listens to an answer that is not written here. */
  isFollowing: () => boolean;
  /** The grace time is over. */
  onOrphaned: () => void;
  /** Reads the rows anew. */
  follow: () => Promise<void>;
  onFollowFailed: (error: unknown) => void;
};

/**
 * Two timers that follow from who writes and who reads. Answers without a reader go on for a grace time that is long enough for
 * nearly all of them to end, so that a reload or a phone that slept finds them whole, and are then stopped. An answer that runs elsewhere, or was lost with its server, is read from its row once a
 * second while somebody listens; a lost one turns into a failure when its lease ends.
 */
export class ReaderWatch {
  readonly #options: ReaderWatchOptions;
  #orphanTimer: NodeJS.Timeout | null = null;
  #followTimer: NodeJS.Timeout | null = null;

  constructor(options: ReaderWatchOptions) {
    this.#options = options;
  }

  /** To be called whenever a writer or a reader came or went. */
  update(): void {
    this.#updateOrphan();
    this.#updateFollowing();
  }

  #updateOrphan(): void {
    const isOrphan = this.#options.isOrphan();
    if (!isOrphan && this.#orphanTimer !== null) {
      clearTimeout(this.#orphanTimer);
      this.#orphanTimer = null;
    } else if (isOrphan && this.#orphanTimer === null) {
      this.#orphanTimer = setTimeout(() => this.#options.onOrphaned(), this.#options.orphanGraceMs);
      this.#orphanTimer.unref();
    }
  }

  #updateFollowing(): void {
    const isFollowing = this.#options.isFollowing();
    if (!isFollowing && this.#followTimer !== null) {
      clearTimeout(this.#followTimer);
      this.#followTimer = null;
    } else if (isFollowing && this.#followTimer === null) {
      this.#followTimer = setTimeout(() => {
        this.#followTimer = null;
        this.#options
          .follow()
          .catch((error: unknown) => this.#options.onFollowFailed(error))
          .finally(() => this.#updateFollowing());
      }, followIntervalMs);
    }
  }
}

/** How long the rest of an answer that has ended may still take to be shown, in milliseconds. */
export const maxTailMs = 10_000;
/** What a pause may save up, as time: after it an answer goes on at its pace instead of catching up. */
const maxSavedMs = 200;

/** Text on its way to the readers: what comes in at any speed goes out at one. Pure; `now` in milliseconds. */
export type TextSource = {
  push(text: string, now: number): void;
  /** Nothing more will be pushed. */
  end(now: number): void;
  /** What is to be shown now, which may be nothing. */
  take(now: number): string;
  /** All that is left, at once. */
  flush(): string;
  readonly isEmpty: boolean;
};

/**
 * A bucket of characters (UTF-16 code units) that fills at the pace. A model that writes faster than the pace cannot be told
 * from another that does; once it has ended, what is left comes within {@link maxTailMs}, faster where that is needed.
 */
export function createPacer(charsPerSecond: number): TextSource {
  let backlog = "";
  let perMs = charsPerSecond / 1000;
  let credit = 0;
  let filledAt: number | null = null;
  let endsAt = Number.POSITIVE_INFINITY;

  function fill(now: number) {
    const before = filledAt ?? now;
    credit = Math.min(credit + Math.max(0, now - before) * perMs, Math.max(1, maxSavedMs * perMs));
    filledAt = now;
  }

  return {
    get isEmpty() {
      return backlog === "";
    },
    push(text, now) {
      // A wait with nothing to show saves up no more than a pause.
      fill(now);
      backlog += text;
    },
    end(now) {
      if (endsAt !== Number.POSITIVE_INFINITY) return;
      fill(now);
      endsAt = now + maxTailMs;
      perMs = Math.max(perMs, backlog.length / maxTailMs);
    },
    take(now) {
      if (now >= endsAt) return this.flush();
      fill(now);
      const size = wholeCharacters(backlog, Math.floor(credit));
      const piece = backlog.slice(0, size);
      backlog = backlog.slice(size);
      credit -= size;
      return piece;
    },
    flush() {
      const rest = backlog;
      backlog = "";
      return rest;
    },
  };
}

/** Everything as soon as it is asked for. */
export function createPassage(): TextSource {
  let backlog = "";
  const flush = () => {
    const rest = backlog;
    backlog = "";
    return rest;
  };
  return {
    get isEmpty() {
      return backlog === "";
    },
    push(text) {
      backlog += text;
    },
    end: () => undefined,
    take: flush,
    flush,
  };
}

/** The largest length up to `size` that does not end within a surrogate pair. */
function wholeCharacters(text: string, size: number): number {
  const last = text.charCodeAt(size - 1);
  const isSplit = size > 0 && size < text.length && last >= 0xd800 && last <= 0xdbff;
  return isSplit ? size - 1 : size;
}

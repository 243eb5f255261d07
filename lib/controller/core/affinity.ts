/** Keys remembered by default: conversations that are going on, with room to spare; about 1 MB. */
const defaultCapacity = 10_000;

/** Which worker served a key last, for so many of the most recently used keys. */
export class AffinityMap {
  readonly #capacity: number;
  readonly #workers = new Map<string, string>();
  /**
   * The keys in the order of insertion, from the oldest on. One for the life of the map: a new one would have to pass the
   * places of all keys deleted since the map was last compacted, thousands with each request.
   */
  readonly #oldest = this.#workers.keys();

  constructor(capacity = defaultCapacity) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#workers.size;
  }

  /** The worker's id; null for a key that is not known (any more). */
  workerOf(key: string): string | null {
    return this.#workers.get(key) ?? null;
  }

  remember(key: string, workerId: string): void {
    // A Map keeps the order of insertion, so the first key is the one that was not used for longest.
    this.#workers.delete(key);
    this.#workers.set(key, workerId);
    if (this.#workers.size <= this.#capacity) return;
    const oldest = this.#oldest.next();
    if (oldest.done !== true) this.#workers.delete(oldest.value);
  }
}

/** Characters of each part that count: a system prompt differs from another within them. */
const countedCharacters = 512;

/**
 * A short key for requests that begin alike, such as the turns of one conversation: give it what stays the same, e.g. the
 * model, the system prompt and the first user message. FNV-1a, 32 bits twice: cheap, and a collision costs a tie, no more.
 */
export function affinityKeyOf(parts: readonly string[]): string {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (const part of parts) {
    const length = Math.min(part.length, countedCharacters);
    for (let i = 0; i < length; i += 1) {
      const code = part.charCodeAt(i);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ (code + i), 0x85ebca6b);
    }
    low = Math.imul(low ^ 0xff, 0x01000193);
  }
  return `${low}.${high}`;
}

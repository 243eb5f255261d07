export type KeyPresence = {
  /** Whether the database has a key, also one that was revoked. True before the first look, and for good once it was so. */
  hasKeys(): boolean;
  /** Looks, unless it is known already. Does not reject: what cannot be read stays as it was. */
  look(): Promise<void>;
  /** A key was made or changed, so there is one. */
  found(): void;
};

/**
 * Whether the site has ever given out a key, which ends the time of its first run. Costs a read at the start, and
 * one whenever news of keys may have been lost.
 */
export function createKeyPresence(
  isThereAny: () => Promise<boolean>,
  onFailed: (error: unknown) => void,
): KeyPresence {
  let isAny: boolean | null = null;
  const isFound = (): boolean => isAny === true;
  return {
    hasKeys: () => isAny ?? true,
    async look() {
      if (isFound()) return;
      try {
        const isThere = await isThereAny();
        // What was found meanwhile, it may have come too early for: it takes nothing back.
        isAny = isThere || isFound();
      } catch (error) {
        onFailed(error);
      }
    },
    found() {
      isAny = true;
    },
  };
}

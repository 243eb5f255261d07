export type KeyPresence = {
  /** Whether the database has a key, also one that was revoked. True before the first look, and for good once it was so. */
  hasKeys(): boolean;
  /** Looks, unless it is known already. Does not reject: what cannot be read stays as it was. */
  look(): Promise<void>;
};

/**
 * Whether the site has ever given out a key, which ends the time of its first run. Costs one read at the start, and one for
 * each change of a key until there is one.
 */
export function createKeyPresence(
  isThereAny: () => Promise<boolean>,
  onFailed: (error: unknown) => void,
): KeyPresence {
  let hasKeys = true;
  let isKnown = false;
  return {
    hasKeys: () => hasKeys,
    async look() {
      if (isKnown && hasKeys) return;
      try {
        hasKeys = await isThereAny();
        isKnown = true;
      } catch (error) {
        onFailed(error);
      }
    },
  };
}

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
  let found: boolean | null = null;
  const isFound = (): boolean => found === true;
  return {
    hasKeys: () => found ?? true,
    async look() {
      if (isFound()) return;
      try {
        const isAny = await isThereAny();
        // A look that began earlier may end later, and takes nothing back.
        found = isAny || isFound();
      } catch (error) {
        onFailed(error);
      }
    },
  };
}

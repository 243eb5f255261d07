/** Who wants to hear of a change to what this browser keeps: made in this tab (`tell`) or in another one. */
export function createStorageListeners() {
  const listeners = new Set<() => void>();
  return {
    /** For `useSyncExternalStore`. */
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      window.addEventListener("storage", listener);
      return () => {
        listeners.delete(listener);
        window.removeEventListener("storage", listener);
      };
    },
    tell(): void {
      for (const listener of listeners) listener();
    },
  };
}

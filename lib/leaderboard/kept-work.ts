/**
 * Results by name, each made once for all who ask, one after another; the oldest give way. A failure is not remembered.
 *
 * @param most results that are kept
 */
export function createKeptWork<T>(most: number): (name: string, make: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  let last: Promise<unknown> = Promise.resolve();
  return (name, make) => {
    const known = kept.get(name);
    if (known !== undefined) {
      kept.delete(name);
      kept.set(name, known);
      return known;
    }
    const made = last.then(make);
    last = made.then(
      () => undefined,
      () => undefined,
    );
    kept.set(name, made);
    made.catch(() => {
      if (kept.get(name) === made) kept.delete(name);
    });
    const oldest = kept.keys().next().value;
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return made;
  };
}

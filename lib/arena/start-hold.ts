import { type Side, sides } from "@/lib/protocol";

/** What the two sides of a turn share while they start: nothing of either is shown before it is released. */
export type StartHold = {
  /** Settles with the release; never rejects. */
  held: Promise<void>;
  release: () => void;
  /** The side has come so far that it need not be waited for; released when both have. */
  claim: (side: Side) => void;
};

/** A hold that is released by itself after `limitMs`. */
export function createStartHold(limitMs: number): StartHold {
  const claimed = new Set<Side>();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const timer = setTimeout(release, limitMs);
  timer.unref();
  void held.then(() => clearTimeout(timer));
  return {
    held,
    release,
    claim: (side) => {
      if (claimed.add(side).size === sides.length) release();
    },
  };
}

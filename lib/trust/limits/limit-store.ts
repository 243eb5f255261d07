/** One limit that a request must pass. */
export type LimitItem = {
  /** What is limited, and whom: two items of one call never share it. */
  key: string;
  windowMs: number;
  /** What may go through in any stretch of `windowMs`. */
  max: number;
  /** What this request takes; 0 only asks whether more than `max` went through. */
  cost: number;
};

export type LimitState = {
  key: string;
  /** What had gone through before. */
  used: number;
  /** Until the request would pass this limit; 0: it passes. */
  waitMs: number;
};

/**
 * A sliding window shared by all servers, exact to a twentieth of it: the last twenty slices and the running one count, so
 * that in no stretch of a window's length more than `max` goes through.
 */
export type LimitStore = {
  /** Takes all items or none: none where one does not pass. The states are in the order of `items`. */
  take(items: readonly LimitItem[]): Promise<LimitState[]>;
  close(): Promise<void>;
};

export const slicesInWindow = 20;

/** How far back what still counts in a window may lie: its last slices and the running one. */
export function windowReachMs(windowMs: number): number {
  return (windowMs * (slicesInWindow + 1)) / slicesInWindow;
}

/**
 * What a dispatch needs of an `AbortSignal`. One that many requests share may be of another make: a listener of Node's signals costs
 * each request more than its claim.
 */
export type CancelSignal = {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
};

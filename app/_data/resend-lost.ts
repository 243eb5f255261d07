import { type ApiError, toApiError } from "./api-error";
import { backoffMs, waitToReconnect } from "./backoff";

/** Tries after the first. A network that is away for longer is left to the visitor, with their text in the composer. */
const maxResends = 2;

/**
 * A call whose answer may get lost on the way, made again by itself: only for what carries an idempotency key, or changes
 * nothing the second time. `onLost` hears of each answer that was lost. Errors: those of `call`, the last one where it stays
 * lost or the signal says stop.
 */
export async function resendLost<T>(
  call: () => Promise<T>,
  signal: AbortSignal,
  onLost: (error: ApiError) => void,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const failure = toApiError(error);
      if (failure.code !== "network") throw failure;
      onLost(failure);
      if (attempt === maxResends || signal.aborted) throw failure;
      await waitToReconnect(backoffMs(attempt, Math.random), signal);
      if (signal.aborted) throw failure;
    }
  }
}

import { backoffMs, waitToReconnect } from "./backoff";

/**
 * A part of the page that is fetched when it is needed, and again until it is there: at once when the network is back, else with
 * growing pauses. Never rejects; an import that failed is another one the next time.
 */
export async function importAgain<T>(load: () => Promise<T>): Promise<T> {
  const never = new AbortController().signal;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await load();
    } catch {
      // Whatever it was, the page stands without the part, and the part is worth another try.
      await waitToReconnect(backoffMs(attempt, Math.random), never);
    }
  }
}

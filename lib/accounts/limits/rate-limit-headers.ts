import type { Measure } from "./window-counter";

/** One limit as it stands after a request. */
export type LimitState = { measure: Measure; limit: number; remaining: number; resetMs: number };

/**
 * OpenAI's `x-ratelimit-*` headers. It has one set for requests and one for tokens; of a limit a minute and one a day,
 * the one with the smaller part left is told.
 */
export function rateLimitHeaders(states: readonly LimitState[]): Record<string, string> {
  const headers: Record<string, string> = {};
  const requests = nearestOf(states, "requests");
  if (requests !== undefined) {
    headers["x-ratelimit-limit-requests"] = String(requests.limit);
    headers["x-ratelimit-remaining-requests"] = String(requests.remaining);
    headers["x-ratelimit-reset-requests"] = formatDuration(requests.resetMs);
  }
  const tokens = nearestOf(states, "tokens");
  if (tokens !== undefined) {
    headers["x-ratelimit-limit-tokens"] = String(tokens.limit);
    headers["x-ratelimit-remaining-tokens"] = String(tokens.remaining);
    headers["x-ratelimit-reset-tokens"] = formatDuration(tokens.resetMs);
  }
  return headers;
}

function nearestOf(states: readonly LimitState[], measure: Measure): LimitState | undefined {
  let nearest: LimitState | undefined;
  for (const state of states) {
    if (state.measure !== measure) continue;
    if (nearest === undefined || state.remaining / state.limit < nearest.remaining / nearest.limit) {
      nearest = state;
    }
  }
  return nearest;
}

/** As OpenAI writes it: `120ms`, `1.5s`, `6m0s`, `23h59m12s`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  if (ms < 60_000) return `${Math.ceil(ms / 10) / 100}s`;
  const seconds = Math.ceil(ms / 1_000);
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  return `${hours > 0 ? `${hours}h` : ""}${minutes}m${seconds % 60}s`;
}

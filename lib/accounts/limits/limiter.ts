import type { KeyLimits } from "../accounting-types";
import { type LimitState, rateLimitHeaders } from "./rate-limit-headers";
import { type Amount, type Measure, nothing, WindowCounter, type WindowKind } from "./window-counter";

export type LimitName = keyof KeyLimits;

/** What a server has counted and the others do not know yet, for one window of one key. */
export type Delta = Amount & { keyId: string; window: WindowKind; startsAt: number };

/** The same, of all servers together. */
export type Total = Delta;

/** Requests of a key that one server is answering. */
export type InFlight = { keyId: string; inFlight: number };

export type Admission =
  | {
      isAdmitted: true;
      headers: Record<string, string>;
      /** Once: gives the place back, and replaces the reserved tokens by those that were used. */
      settle(tokens: number): void;
    }
  | {
      isAdmitted: false;
      limit: LimitName;
      allowed: number;
      /** Null where the request alone is larger than the limit. */
      retryAfterMs: number | null;
      headers: Record<string, string>;
    };

type KeyState = {
  minute: WindowCounter;
  day: WindowCounter;
  inFlight: number;
  inFlightElsewhere: number;
  usedAt: number;
  /** Let through since the last exchange began, as shares of what was left then. */
  unsharedPart: number;
  hasConcurrencyLimit: boolean;
};

export type LimiterOptions = {
  /** Called when a server has used up so much of what was left that the others should know before the next second. */
  onUrgent?: () => void;
};

type WindowLimit = { name: LimitName; window: WindowKind; measure: Measure; allowed: number };

/** Those that a key has. Written out: by names that change, each look into an object would cost ten. */
function windowLimitsOf(limits: KeyLimits): WindowLimit[] {
  const { requestsPerMinute, tokensPerMinute, requestsPerDay, tokensPerDay } = limits;
  const found: WindowLimit[] = [];
  const add = (name: LimitName, window: WindowKind, measure: Measure, allowed: number | null): void => {
    if (allowed !== null) found.push({ name, window, measure, allowed });
  };
  add("requestsPerMinute", "minute", "requests", requestsPerMinute);
  add("tokensPerMinute", "minute", "tokens", tokensPerMinute);
  add("requestsPerDay", "day", "requests", requestsPerDay);
  add("tokensPerDay", "day", "tokens", tokensPerDay);
  return found;
}

/** A key that has not been used for this long is no longer asked for, but its day is remembered. */
const watchMs = 60_000;
/** Beyond so many keys the ones unused the longest are forgotten; the database still knows them. */
const mostKeys = 20_000;
const urgentPart = 0.1;
const concurrencyRetryMs = 1_000;

/**
 * The budgets of keys on one server. Pure: time is an argument, the database is told by `takeDeltas` and heard by
 * `applyTotals`, so a request never waits for it.
 *
 * How far several servers may overshoot: each of them lets through at most what was left at its last exchange, so n
 * servers together at most n − 1 times that much too much, if all of it arrives at all of them between two exchanges.
 * These are a second apart, and follow at once when a server has let through a tenth of what was left. While the
 * database is away, each server keeps the limits by what it knew last and its own counting.
 */
export class Limiter {
  readonly #keys = new Map<string, KeyState>();
  /** Keys with something that the database has not been told. */
  readonly #untold = new Set<string>();
  readonly #onUrgent: () => void;

  constructor({ onUrgent = () => undefined }: LimiterOptions = {}) {
    this.#onUrgent = onUrgent;
  }

  /** True where this key's counts are known, so that nothing has to be read before its first request. */
  knows(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  admit(keyId: string, limits: KeyLimits, tokens: number, now: number): Admission {
    const state = this.#state(keyId, now);
    state.usedAt = now;
    state.hasConcurrencyLimit = limits.maxConcurrent !== null;
    const windowLimits = windowLimitsOf(limits);
    const refusal = refusalOf(state, limits.maxConcurrent, windowLimits, tokens, now);
    if (refusal !== null)
      return { isAdmitted: false, ...refusal, headers: headersOf(state, windowLimits, now) };

    state.unsharedPart += partUsed(state, limits.maxConcurrent, windowLimits, tokens, now);
    const starts = { minute: state.minute.startOf(now), day: state.day.startOf(now) };
    const cost = { requests: 1, tokens };
    state.minute.add(starts.minute, cost);
    state.day.add(starts.day, cost);
    state.inFlight++;
    this.#untold.add(keyId);
    if (state.unsharedPart >= urgentPart) this.#onUrgent();
    return {
      isAdmitted: true,
      headers: headersOf(state, windowLimits, now),
      settle: (used) => {
        state.inFlight--;
        // Into the windows in which it was reserved; where those are over, the correction still reaches the day's sum.
        const correction = { requests: 0, tokens: used - tokens };
        if (correction.tokens === 0) return;
        state.minute.add(starts.minute, correction);
        state.day.add(starts.day, correction);
        this.#untold.add(keyId);
      },
    };
  }

  /** Keys whose counts should be read: those in use. */
  watched(now: number): string[] {
    return [...this.#keys]
      .filter(([, { usedAt, inFlight }]) => inFlight > 0 || now - usedAt < watchMs)
      .map(([keyId]) => keyId);
  }

  /** Requests being answered now, of those keys that have a limit on them. */
  inFlight(keyIds: readonly string[]): InFlight[] {
    return keyIds.flatMap((keyId) => {
      const state = this.#keys.get(keyId);
      return state?.hasConcurrencyLimit ? [{ keyId, inFlight: state.inFlight }] : [];
    });
  }

  /** What the database has to be told. Follow with {@link applyTotals} or {@link returnDeltas}. */
  takeDeltas(): Delta[] {
    const deltas: Delta[] = [];
    for (const keyId of this.#untold) {
      const state = this.#state(keyId, 0);
      state.unsharedPart = 0;
      for (const counter of [state.minute, state.day]) {
        for (const [startsAt, bucket] of counter.buckets) {
          const { requests, tokens } = bucket.pending;
          if (requests === 0 && tokens === 0) continue;
          bucket.sending = { requests, tokens };
          bucket.pending = nothing();
          deltas.push({ keyId, window: counter.kind, startsAt, requests, tokens });
        }
      }
    }
    this.#untold.clear();
    return deltas;
  }

  /** The deltas have arrived, and these are the sums with them. */
  applyTotals(deltas: readonly Delta[], totals: readonly Total[], now: number): void {
    for (const { keyId, window, startsAt, requests, tokens } of deltas) {
      const bucket = this.#keys.get(keyId)?.[window].bucket(startsAt);
      if (bucket === undefined) continue;
      bucket.sending = nothing();
      // Until the sums below say better: what was sent is part of them.
      bucket.shared = {
        requests: bucket.shared.requests + requests,
        tokens: bucket.shared.tokens + tokens,
      };
    }
    for (const { keyId, window, startsAt, requests, tokens } of totals) {
      this.#state(keyId, now)[window].bucket(startsAt).shared = { requests, tokens };
    }
  }

  /** The deltas have not arrived: they go with the next ones. */
  returnDeltas(deltas: readonly Delta[]): void {
    for (const { keyId, window, startsAt, requests, tokens } of deltas) {
      const state = this.#keys.get(keyId);
      if (state === undefined) continue;
      state[window].bucket(startsAt).sending = nothing();
      state[window].add(startsAt, { requests, tokens });
      this.#untold.add(keyId);
    }
  }

  /** What the other servers are answering; a key that is absent from `counts` is used by none of them. */
  applyInFlightElsewhere(asked: readonly InFlight[], counts: ReadonlyMap<string, number>): void {
    for (const { keyId } of asked) this.#state(keyId, 0).inFlightElsewhere = counts.get(keyId) ?? 0;
  }

  /** Forgets windows that are over, and keys that are not in use. From time to time, never during an exchange. */
  tidy(now: number): void {
    for (const { minute, day } of this.#keys.values()) {
      minute.prune(now);
      day.prune(now);
    }
    const unused = [...this.#keys]
      .filter(([keyId, { inFlight }]) => inFlight === 0 && !this.#untold.has(keyId))
      .sort(([, x], [, y]) => x.usedAt - y.usedAt);
    let surplus = this.#keys.size - mostKeys;
    for (const [keyId, { usedAt, minute, day }] of unused) {
      const isEmpty = now - usedAt >= watchMs && minute.buckets.size + day.buckets.size === 0;
      if (!isEmpty && surplus <= 0) continue;
      this.#keys.delete(keyId);
      surplus--;
    }
  }

  #state(keyId: string, now: number): KeyState {
    let state = this.#keys.get(keyId);
    if (state === undefined) {
      state = {
        minute: new WindowCounter("minute"),
        day: new WindowCounter("day"),
        inFlight: 0,
        inFlightElsewhere: 0,
        usedAt: now,
        unsharedPart: 0,
        hasConcurrencyLimit: false,
      };
      this.#keys.set(keyId, state);
    }
    return state;
  }
}

function refusalOf(
  state: KeyState,
  maxConcurrent: number | null,
  windowLimits: readonly WindowLimit[],
  tokens: number,
  now: number,
): { limit: LimitName; allowed: number; retryAfterMs: number | null } | null {
  if (maxConcurrent !== null && state.inFlight + state.inFlightElsewhere >= maxConcurrent) {
    return { limit: "maxConcurrent", allowed: maxConcurrent, retryAfterMs: concurrencyRetryMs };
  }
  let worst: ReturnType<typeof refusalOf> = null;
  for (const { name, window, measure, allowed } of windowLimits) {
    const cost = measure === "requests" ? 1 : tokens;
    const retryAfterMs = counterOf(state, window).msUntilFits(measure, cost, allowed, now);
    if (retryAfterMs === 0) continue;
    // The one that holds the longest: to come back sooner would be in vain.
    if (retryAfterMs === null) return { limit: name, allowed, retryAfterMs };
    if (worst === null || retryAfterMs > (worst.retryAfterMs ?? 0)) {
      worst = { limit: name, allowed, retryAfterMs };
    }
  }
  return worst;
}

/** The largest share that this request takes of what a limit has left. */
function partUsed(
  state: KeyState,
  maxConcurrent: number | null,
  windowLimits: readonly WindowLimit[],
  tokens: number,
  now: number,
): number {
  let part = maxConcurrent === null ? 0 : 1 / maxConcurrent;
  for (const { window, measure, allowed } of windowLimits) {
    const left = allowed - counterOf(state, window).used(measure, now);
    const cost = measure === "requests" ? 1 : tokens;
    if (cost > 0) part = Math.max(part, left > 0 ? cost / left : 1);
  }
  return part;
}

function headersOf(
  state: KeyState,
  windowLimits: readonly WindowLimit[],
  now: number,
): Record<string, string> {
  const states: LimitState[] = [];
  for (const { window, measure, allowed: limit } of windowLimits) {
    const counter = counterOf(state, window);
    const remaining = Math.max(0, Math.floor(limit - counter.used(measure, now)));
    states.push({ measure, limit, remaining, resetMs: counter.msUntilEmpty(measure, now) });
  }
  return rateLimitHeaders(states);
}

function counterOf(state: KeyState, window: WindowKind): WindowCounter {
  return window === "minute" ? state.minute : state.day;
}

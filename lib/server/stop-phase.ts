import type { IncomingMessage } from "node:http";

/**
 * How far a stop has come. `announced`: `/readyz` says 503, and requests are still taken, until balancers have heard of it;
 * `refusing`: what is begun may end, and nothing new is begun.
 */
export type StopPhase = "running" | "announced" | "refusing";

/**
 * On every answer of a server that is stopping. A balancer may send a request that was answered with 503 and this header to
 * another server: nothing of it has been done (deploy/Caddyfile).
 */
export const stoppingHeaders = { connection: "close", "x-arena-stopping": "1" } as const;

/** What a client that is refused should wait, in seconds: a balancer has another server by then. */
export const stopRetrySeconds = 1;

const reads = new Set(["GET", "HEAD", "OPTIONS"]);
/** A vote on what was answered here, and what is said of it; the end of an answer; a worker that reports or leaves. */
const ending = /^\/api\/(?:workers(?:\/|$)|.+\/(?:vote|reasons|feedback|stop)(?:\?|$))/;

/** Whether a request begins something, rather than reading or ending what is there. */
export function beginsWork({ method = "GET", url = "/" }: Pick<IncomingMessage, "method" | "url">): boolean {
  return !reads.has(method) && !ending.test(url);
}

import { hash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { AppError } from "@/lib/errors";
import { isDirectFromThisMachine } from "@/lib/http";

/**
 * Lets through who may read `/metrics`: programs on this machine while the operator has set no token; then whoever has it, and
 * nobody else, because a proxy on this machine that adds no header looks like a program. The metrics tell how many requests each
 * worker answers right now: read during a blind battle, they would give both models away. Errors: `forbidden`.
 */
export function requireScraper(
  request: Pick<FastifyRequest, "headers" | "raw">,
  token: string | undefined,
): void {
  if (token === undefined) {
    if (isDirectFromThisMachine(request)) return;
    throw new AppError("forbidden", {
      message: "Metrics are for programs on this machine. For others the operator sets ARENA_METRICS_TOKEN.",
    });
  }
  const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (given !== undefined && timingSafeEqual(sha256(given), sha256(token))) return;
  throw new AppError("forbidden", { message: "Metrics need the operator's token as bearer token." });
}

function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

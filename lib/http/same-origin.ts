import type { FastifyRequest } from "fastify";
import { AppError } from "@/lib/errors";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what another site makes a visitor's browser send (CSRF). Browsers send `Sec-Fetch-Site` or `Origin` with every
 * such request; programs without a browser send neither and have no visitor's cookie. Errors: `forbidden`.
 */
export function requireSameOrigin(request: FastifyRequest): void {
  if (safeMethods.has(request.method)) return;
  const site = request.headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return;
  const { origin } = request.headers;
  if (site === undefined && (origin === undefined || hostOf(origin) === request.headers.host)) return;
  throw new AppError("forbidden", { message: "The request comes from another site." });
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "@/lib/errors";

/** Errors: `invalid_worker_secret` when the header is not `Bearer <secret>`, or there is no secret yet. */
export function requireSecret(header: string | undefined, secret: string | null): void {
  const given = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  if (secret === null || given === undefined || !isEqual(given, secret)) {
    throw new AppError("invalid_worker_secret");
  }
}

/** Hashes have one length, so the comparison's time tells nothing about the secret, not even its length. */
function isEqual(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

import { hash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { ApiCaller, Authentication, VerifyKey } from "@/lib/accounts";
import { AppError } from "@/lib/errors";
import { isDirectFromThisMachine } from "@/lib/http";

/**
 * Who sends a request. At once for keys of the environment, keys in use and keyless callers; a promise only where the
 * database has to be asked. Errors: `invalid_api_key`, `database_unavailable`.
 */
export type Authenticate = (
  request: Pick<FastifyRequest, "headers" | "raw">,
) => Authentication | Promise<Authentication>;

export type AuthenticateOptions = {
  /** Looks up the keys that are kept in the database. Default: there are none. */
  verifyKey?: VerifyKey | undefined;
  /**
   * Whether a program on this machine may do without a key; asked with each request without one. Default: where there are no
   * keys of the environment.
   */
  isKeylessAllowed?: (() => boolean) | undefined;
};

const environmentCaller: ApiCaller = {
  kind: "environment",
  keyId: null,
  ownerLabel: "environment",
  scopes: { models: null, pools: null, endpoints: null, allowExperimental: false },
  limits: {
    requestsPerMinute: null,
    tokensPerMinute: null,
    requestsPerDay: null,
    tokensPerDay: null,
    maxConcurrent: null,
  },
};

const environment: Authentication = { caller: environmentCaller };
const keyless: Authentication = { caller: null };

/**
 * A key of the database, a key of the environment, or none at all from a program on this machine.
 *
 * Most clients cannot be told to send no key, so on this machine anything that is no key of the database counts as none.
 */
export function createAuthenticate(
  environmentKeys: readonly string[],
  options: AuthenticateOptions = {},
): Authenticate {
  const { verifyKey = () => null, isKeylessAllowed = () => environmentKeys.length === 0 } = options;
  const hashes = environmentKeys.map(sha256);

  return (request) => {
    const key = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (key !== undefined) {
      if (isAmong(hashes, key)) return environment;
      const caller = verifyKey(key, request.raw.socket);
      if (caller instanceof Promise) return caller.then((found) => ({ caller: found }));
      if (caller !== null) return { caller };
    }
    if (isKeylessAllowed() && isDirectFromThisMachine(request)) return keyless;
    throw new AppError("invalid_api_key", {
      message:
        key === undefined
          ? "No API key was given. Send it as a header: Authorization: Bearer YOUR_KEY."
          : "Incorrect API key provided.",
    });
  };
}

/** Every key is compared, so the time tells neither which one matched nor how far. */
function isAmong(hashes: readonly Buffer[], key: string): boolean {
  if (hashes.length === 0) return false;
  const presented = sha256(key);
  let isKnown = false;
  for (const known of hashes) isKnown = timingSafeEqual(known, presented) || isKnown;
  return isKnown;
}

function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

import { hash, timingSafeEqual } from "node:crypto";
import { BlockList, isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import type { Authentication } from "@/lib/accounts";
import { AppError } from "@/lib/errors";

/** Errors: `invalid_api_key`. */
export type Authenticate = (
  request: Pick<FastifyRequest, "headers" | "raw">,
) => Authentication | Promise<Authentication>;

/**
 * With keys: the bearer token must be one of them. Without: only a program on this machine is served, that is, a
 * connection from a loopback address that no proxy has forwarded and that was addressed to a loopback name. The last
 * condition is for browsers: a page whose own name resolves to 127.0.0.1 (DNS rebinding) comes from loopback as well.
 */
export function createAuthenticate(keys: readonly string[]): Authenticate {
  if (keys.length === 0) {
    return (request) => {
      if (isDirectFromThisMachine(request)) return { caller: null };
      throw new AppError("invalid_api_key", {
        message: "No API key is configured here, so only programs on the server's own machine are served.",
      });
    };
  }
  const hashes = keys.map(sha256);
  return ({ headers }) => {
    const key = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
    if (key === undefined) {
      throw new AppError("invalid_api_key", {
        message: "No API key was given. Send it as a header: Authorization: Bearer YOUR_KEY.",
      });
    }
    const presented = sha256(key);
    // Every key is compared, so the time tells neither which one matched nor how far.
    let isKnown = false;
    for (const known of hashes) isKnown = timingSafeEqual(known, presented) || isKnown;
    if (!isKnown) throw new AppError("invalid_api_key", { message: "Incorrect API key provided." });
    return { caller: null };
  };
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

const forwardingHeaders = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"] as const;

function isDirectFromThisMachine({ headers, raw }: Pick<FastifyRequest, "headers" | "raw">): boolean {
  if (forwardingHeaders.some((name) => headers[name] !== undefined)) return false;
  return isLoopback(raw.socket.remoteAddress ?? "") && isLoopbackHost(headers.host);
}

function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 6 ? "ipv6" : "ipv4");
}

function isLoopbackHost(host: string | undefined): boolean {
  const name = /^(?:\[([^\]]+)\]|([^:]*))(?::\d+)?$/.exec(host ?? "");
  const hostname = name?.[1] ?? name?.[2] ?? "";
  return hostname === "localhost" || hostname.endsWith(".localhost") || isLoopback(hostname);
}

function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

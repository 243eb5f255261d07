import { BlockList, isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { forwardingHeaders } from "./unnamed-proxy";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Whether a request comes from a program on this machine: over a connection from a loopback address that no proxy has forwarded,
 * addressed to a loopback name. The last condition is for browsers: a page whose own name resolves to 127.0.0.1 (DNS rebinding)
 * comes from loopback as well.
 */
export function isDirectFromThisMachine({ headers, raw }: Pick<FastifyRequest, "headers" | "raw">): boolean {
  if (forwardingHeaders.some((name) => headers[name] !== undefined)) return false;
  return isLoopback(raw.socket.remoteAddress ?? "") && isLoopbackHost(headers.host);
}

function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 6 ? "ipv6" : "ipv4");
}

function isLoopbackHost(host: string | undefined): boolean {
  const name = /^(?:\[([^\]]+)\]|([^:]*))(?::\d+)?$/.exec(host ?? "");
  return isLoopbackName(name?.[1] ?? name?.[2] ?? "");
}

/** Whether a name or an address, without a port, can only be of this machine. */
export function isLoopbackName(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost") || isLoopback(name);
}

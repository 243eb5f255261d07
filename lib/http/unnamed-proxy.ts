import { BlockList, isIP } from "node:net";
import type { FastifyRequest } from "fastify";

/** What proxies add to a request. One that adds none of these looks like a program on its machine. */
export const forwardingHeaders = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "via",
] as const;

/** Where a proxy of the site's own would be: on this machine, or in a network that is not the Internet. */
const near = new BlockList();
near.addSubnet("127.0.0.0", 8, "ipv4");
near.addSubnet("10.0.0.0", 8, "ipv4");
near.addSubnet("172.16.0.0", 12, "ipv4");
near.addSubnet("192.168.0.0", 16, "ipv4");
near.addSubnet("169.254.0.0", 16, "ipv4");
near.addSubnet("100.64.0.0", 10, "ipv4");
near.addAddress("::1", "ipv6");
near.addSubnet("fc00::", 7, "ipv6");
near.addSubnet("fe80::", 10, "ipv6");

/**
 * Whether a proxy of the site has forwarded the request that TRUST_PROXY does not name: the connection comes from nearby, and says
 * that it is forwarded, but nothing that it says is believed. All who come by it have its address then.
 */
export function isByUnnamedProxy({
  headers,
  ips,
  raw,
}: Pick<FastifyRequest, "headers" | "ips" | "raw">): boolean {
  // Fastify lists more than the connection's own address only where it believes the one before.
  if (ips !== undefined && ips.length > 1) return false;
  if (forwardingHeaders.every((name) => headers[name] === undefined)) return false;
  const address = (raw.socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/i, "").split("%")[0] ?? "";
  const family = isIP(address);
  return family !== 0 && near.check(address, family === 6 ? "ipv6" : "ipv4");
}

import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { BlockList, isIPv6 } from "node:net";

const ofEveryAnswer = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
} as const;

/** Headers of every page and file that cost nothing and that none needs to differ in. */
export const securityHeaders = {
  ...ofEveryAnswer,
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
} as const;

/**
 * Of answers that are no pages. Opened as one, they may load and do nothing; what else a page is told has nothing to say to them, and
 * each header costs the many small answers of the API something at both ends.
 */
export const dataHeaders = {
  ...ofEveryAnswer,
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
} as const;

/** For a year, once a browser has seen the site over TLS. */
export const strictTransport = "max-age=31536000";

/** 128 bits, new for each page. */
export const newNonce = (): string => randomBytes(16).toString("base64");

/**
 * What a page may load and run: this site's own files, and inline scripts with the nonce of this one answer. Next takes the
 * nonce from the request's header of the same name and puts it on its own scripts. Styles may be inline: React writes
 * positions and widths as attributes, and a style cannot run anything. WebAssembly is compiled by the code highlighter.
 */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'wasm-unsafe-eval'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "frame-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/**
 * Tells whether a request came over TLS: to a proxy that is believed and says so.
 *
 * @param trustProxy as TRUST_PROXY has it: hops, or addresses and networks
 */
export function httpsDetector(trustProxy: number | string[]): (request: IncomingMessage) => boolean {
  const isTrusted = proxyCheck(trustProxy);
  return (request) => {
    const said = request.headers["x-forwarded-proto"];
    const first = (Array.isArray(said) ? said[0] : said)?.split(",")[0]?.trim();
    return first === "https" && isTrusted(request.socket.remoteAddress ?? "");
  };
}

const namedNetworks: Record<string, string[]> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

function proxyCheck(trustProxy: number | string[]): (address: string) => boolean {
  if (typeof trustProxy === "number") return () => trustProxy > 0;
  const list = new BlockList();
  for (const network of trustProxy.flatMap((name) => namedNetworks[name] ?? [name])) {
    const [address = "", bits] = network.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (remote) => {
    const address = remote.replace(/^::ffff:(?=\d+\.)/i, "");
    return address !== "" && list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  };
}

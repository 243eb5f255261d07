import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { parseCookie } from "cookie";
import { localeCookie, negotiateLocale } from "@/lib/i18n";
import { capturePage, type PageHandler } from "./capture-page";
import { fillGzip, fillPlain, type NonceTemplate, toNonceTemplate } from "./nonce-template";

/** Pages that are kept; one has up to a megabyte. */
const maxKept = 24;

/** Addresses that are longer are not the board's own. */
const maxAddress = 512;

/** So long what the board's own version does not tell may be behind: whether demo models are served, for instance. */
const maxAgeMs = 30_000;

/** Cookies that the page is the same with: its language is part of what names it, the visitor's id does not enter it. */
const plainCookies: readonly string[] = [localeCookie.name, "visitor"];

type Kept = { version: unknown; madeAt: number; page: Promise<Rendered> };
type Rendered = { status: number; headers: OutgoingHttpHeaders; template: NonceTemplate; isPlain: boolean };

/**
 * Renders `/leaderboard` once for all readers who see the same: for each state of the boards, language and address. Its rows
 * take Next tens of milliseconds, and are the same for everyone who is not signed in. Each answer gets its own nonce, in the
 * policy as in the page. Other pages, and a reader with any other cookie, go to Next as before.
 *
 * @param version a value that is another one whenever a board may have changed
 */
export function keepBoardPage(options: {
  pages: PageHandler;
  version: () => Promise<unknown>;
  now?: () => number;
}): PageHandler {
  const { pages, version, now = () => performance.now() } = options;
  const kept = new Map<string, Kept>();

  function render(request: IncomingMessage, name: string, seen: unknown): Promise<Rendered> {
    const known = kept.get(name);
    if (known !== undefined && known.version === seen && now() - known.madeAt < maxAgeMs) return known.page;
    const page = renderNow(pages, request);
    const entry = { version: seen, madeAt: now(), page };
    kept.delete(name);
    kept.set(name, entry);
    const oldest = kept.keys().next().value;
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
    const forget = () => {
      if (kept.get(name) === entry) kept.delete(name);
    };
    page.then(({ isPlain }) => {
      if (!isPlain) forget();
    }, forget);
    return page;
  }

  return async (request, response) => {
    const name = nameOf(request);
    const nonce = request.headers["x-nonce"];
    if (name === null || typeof nonce !== "string") return pages(request, response);
    // Asked before the page is rendered: what changes meanwhile makes another version.
    const seen = await version();
    send(request, response, nonce, await render(request, name, seen));
  };
}

/** What the page depends on besides the boards; null where it is not one that is kept. */
function nameOf({ method, url = "", headers }: IncomingMessage): string | null {
  if (method !== "GET" || url.length > maxAddress || !/^\/leaderboard(\?|$)/.test(url)) return null;
  // A board with style control may be replaced while nothing else changes.
  if (/[?&]style=/.test(url)) return null;
  // Next asks for parts of pages in headers of its own.
  if (Object.keys(headers).some((header) => header === "rsc" || header.startsWith("next-"))) return null;
  const cookies = parseCookie(headers.cookie ?? "");
  if (!Object.keys(cookies).every((cookie) => plainCookies.includes(cookie))) return null;
  const locale = negotiateLocale(cookies[localeCookie.name], headers["accept-language"] ?? null);
  return `${locale} ${url}`;
}

async function renderNow(pages: PageHandler, request: IncomingMessage): Promise<Rendered> {
  // Compressed when it is sent, around the nonces.
  const wished = request.headers["accept-encoding"];
  delete request.headers["accept-encoding"];
  try {
    const { status, headers, body } = await capturePage(pages, request);
    const nonce = String(request.headers["x-nonce"]);
    const isPlain = status === 200 && headers["set-cookie"] === undefined;
    return { status, headers, template: toNonceTemplate(body, nonce), isPlain };
  } finally {
    if (wished !== undefined) request.headers["accept-encoding"] = wished;
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  nonce: string,
  { status, headers, template }: Rendered,
): void {
  const isPacked = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(
    String(request.headers["accept-encoding"] ?? ""),
  );
  const body = isPacked ? fillGzip(template, nonce) : fillPlain(template, nonce);
  for (const [header, value] of Object.entries(headers)) {
    if (value !== undefined && !ownHeaders.has(header)) response.setHeader(header, value);
  }
  response.appendHeader("vary", "accept-encoding");
  if (isPacked) response.setHeader("content-encoding", "gzip");
  response.setHeader("content-length", body.length);
  response.writeHead(status);
  response.end(body);
}

/** Belong to one answer, or to how it is sent. */
const ownHeaders = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "date",
  "etag",
  "transfer-encoding",
]);

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { parse } from "cookie";
import { localeCookie, negotiateLocale } from "@/lib/i18n";

type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

type Options = {
  /**
   * Names what the board of an address shows: another one as soon as that changes. Null where the address is no board that
   * can be answered; the page then says so itself.
   */
  versionOf: (search: URLSearchParams) => Promise<string | null>;
  /** Cookies that do not change the page, besides the one of the language. */
  harmlessCookies: readonly string[];
  /** Milliseconds that only grow. */
  clock?: () => number;
};

type Kept = { version: string; madeAt: number; headers: OutgoingHttpHeaders; body: Buffer };

const path = "/leaderboard";
/** How many addresses are remembered; a page of 130 models has about 60 kB with gzip. */
const maxKept = 64;
/** The page says how long ago the board was refitted, as of when it was made. */
const maxAgeMs = 30_000;

/**
 * The page of the leaderboard, made once for all who ask for the same board in the same language: rendering a hundred
 * rows takes a hundred times as long as sending them. Whoever brings a cookie that the page may depend on, a session for
 * instance, gets a page of their own.
 */
export function cacheBoardPage(pages: PageHandler, options: Options): PageHandler {
  const { versionOf, harmlessCookies, clock = () => performance.now() } = options;
  const kept = new Map<string, Kept>();

  return async (request, response) => {
    const search = boardSearch(request, harmlessCookies);
    if (search === null) return pages(request, response);
    const version = await versionOf(search);
    if (version === null) return pages(request, response);
    const cookies = parse(request.headers.cookie ?? "");
    const locale = negotiateLocale(cookies[localeCookie.name], request.headers["accept-language"] ?? null);
    const name = [locale, request.headers["accept-encoding"] ?? "", request.url].join("\n");
    const known = kept.get(name);
    if (known !== undefined && known.version === version && clock() - known.madeAt < maxAgeMs) {
      response.writeHead(200, known.headers);
      response.end(request.method === "HEAD" ? undefined : known.body);
      return;
    }
    const madeAt = clock();
    await pages(
      request,
      capture(request, response, (headers, body) => {
        kept.delete(name);
        kept.set(name, { version, madeAt, headers, body });
        const oldest = kept.keys().next().value;
        if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
      }),
    );
  };
}

/** What the address asks for; null for what is no plain request for the page. */
function boardSearch(request: IncomingMessage, harmlessCookies: readonly string[]): URLSearchParams | null {
  const [pathname, query = ""] = (request.url ?? "").split("?");
  if (pathname !== path || (request.method !== "GET" && request.method !== "HEAD")) return null;
  // Next asks for parts of a page under the same address.
  const { headers } = request;
  if (Object.keys(headers).some((name) => name === "rsc" || name.startsWith("next-"))) return null;
  if (query.includes("_rsc=")) return null;
  const harmless = new Set([localeCookie.name, ...harmlessCookies]);
  if (Object.keys(parse(headers.cookie ?? "")).some((name) => !harmless.has(name))) return null;
  return new URLSearchParams(query);
}

/** Hands a whole, good answer to `keep` once it is sent; the client notices nothing. */
function capture(
  request: IncomingMessage,
  response: ServerResponse,
  keep: (headers: OutgoingHttpHeaders, body: Buffer) => void,
): ServerResponse {
  if (request.method !== "GET") return response;
  const chunks: Buffer[] = [];
  const add = (chunk: unknown, encoding: unknown) => {
    if (typeof chunk === "string")
      chunks.push(Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8"));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  const write = response.write.bind(response) as (...args: unknown[]) => boolean;
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  response.write = ((chunk: unknown, ...rest: unknown[]) => {
    add(chunk, rest[0]);
    return write(chunk, ...rest);
  }) as typeof response.write;
  response.end = ((chunk?: unknown, ...rest: unknown[]) => {
    if (typeof chunk !== "function") add(chunk, rest[0]);
    return end(chunk, ...rest);
  }) as typeof response.end;
  response.once("finish", () => {
    const headers = { ...response.getHeaders() };
    if (response.statusCode !== 200 || headers["set-cookie"] !== undefined) return;
    delete headers["transfer-encoding"];
    delete headers.date;
    const body = Buffer.concat(chunks);
    keep({ ...headers, "content-length": body.length }, body);
  });
  return response;
}

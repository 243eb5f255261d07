import type { IncomingHttpHeaders } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "@/lib/errors";
import { createApp } from "./create-app";

let app: FastifyInstance;
const seen: IncomingHttpHeaders[] = [];
let url: string;

beforeAll(async () => {
  app = createApp({
    logger: pino({ level: "silent" }),
    pages: async (request, response) => {
      if (request.url === "/broken") throw new Error("secret detail");
      seen.push(request.headers);
      response.end(`page ${request.url}`);
    },
  });
  app.post("/api/echo", async (request) => request.body ?? null);
  app.get("/api/fault", async () => {
    throw new Error("secret detail");
  });
  app.get("/api/known", async () => {
    throw new AppError("rate_limited", { details: { retryAfterSeconds: 7 } });
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});
afterAll(() => app.close());

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url + path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

describe("the front", () => {
  it.each(["/", "/leaderboard", "/apiary", "/v12", "/_next/x.js"])("gives %s to the pages", async (path) => {
    expect(await (await fetch(url + path)).text()).toBe(`page ${path}`);
  });

  it.each(["/api/none", "/v1", "/v1/none", "/metrics/x"])("answers %s itself", async (path) => {
    const response = await fetch(url + path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
  });

  it.each([
    ["/v1/%zz", { type: "invalid_request_error", code: "invalid_request", param: null }],
    ["/v1/models/%E0%A4%A", { type: "invalid_request_error", code: "invalid_request" }],
    ["/api/%zz", { code: "invalid_request", retryable: false }],
  ])("answers %s, which cannot be decoded, in the shape of its part", async (path, error) => {
    // fetch would mend the address.
    const response = await app.inject({ method: "GET", url: path });
    expect(response.statusCode).toBe(400);
    expect(response.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.json()).toMatchObject({ error });
  });

  it("sets the security headers on pages and answers alike", async () => {
    for (const path of ["/", "/api/none", "/api/known", "/api/fault", "/broken", "/v1/none"]) {
      const { headers } = await fetch(url + path);
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("x-frame-options"), path).toBe("DENY");
    }
    const undecodable = await app.inject({ method: "GET", url: "/v1/%zz" });
    expect(undecodable.headers["x-frame-options"]).toBe("DENY");
  });

  it("takes a request's id from the client only where it is harmless", async () => {
    const id = async (given: string) =>
      (await fetch(`${url}/api/none`, { headers: { "x-request-id": given } })).headers.get("x-request-id");
    expect(await id("trace-7.a_b")).toBe("trace-7.a_b");
    expect(await id("a b;<script>")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await id("x".repeat(129))).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("what is wrong below the router", () => {
  /** All that comes back on a connection on which these bytes were sent, until the server ends it. */
  async function exchange(bytes: string, at = url): Promise<string> {
    const socket = connect({ port: Number(new URL(at).port), host: "127.0.0.1", allowHalfOpen: true });
    socket.write(bytes);
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part as Buffer);
    socket.end();
    return Buffer.concat(parts).toString("utf8");
  }

  function expectOpenAiError(answer: string, status: number, code: string): void {
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toMatch(/^x-request-id: [0-9a-f-]{36}$/m);
    expect(head).toMatch(/^content-type: application\/json/m);
    expect(head).toMatch(/^connection: close$/im);
    expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toEqual({
      error: { message: expect.any(String), type: "invalid_request_error", param: null, code },
    });
  }

  const head = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n";

  it.each<[string, string, number, string]>([
    ["headers that are too large", `${head}x: ${"y".repeat(20_000)}\r\n\r\n`, 431, "headers_too_large"],
    ["no HTTP at all", "\u0016\u0003\u0001 hello\r\n\r\n", 400, "invalid_request"],
    ["a header without a colon", `${head}nonsense\r\n\r\n`, 400, "invalid_request"],
    ["two lengths", `${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, 400, "invalid_request"],
    ["no host", "GET /v1/models HTTP/1.1\r\n\r\n", 400, "invalid_request"],
    [
      "a chunk that is none",
      `${head}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
      400,
      "invalid_request",
    ],
  ])("is told in OpenAI's shape: %s", async (_name, bytes, status, code) => {
    expectOpenAiError(await exchange(bytes), status, code);
  });

  it("is told in OpenAI's shape: a request that does not arrive", async () => {
    const limits = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 50 };
    const hasty = createApp({ logger: pino({ level: "silent" }), pages: async () => undefined, limits });
    const at = await hasty.listen({ host: "127.0.0.1", port: 0 });
    try {
      expectOpenAiError(await exchange("GET /v1/models HTTP/1.1\r\nhost:", at), 408, "request_timeout");
    } finally {
      await hasty.close();
    }
  });

  it("puts nothing into an answer that has begun", async () => {
    let finish = (): void => undefined;
    const slow = createApp({
      logger: pino({ level: "silent" }),
      pages: async (_request, response) => {
        response.write("half");
        finish = () => void response.end("whole");
      },
    });
    const at = await slow.listen({ host: "127.0.0.1", port: 0 });
    try {
      const answer = await exchange("GET /page HTTP/1.1\r\nhost: localhost\r\n\r\nNOT HTTP\r\n\r\n", at);
      expect(answer).not.toContain("invalid_request");
      expect(answer.match(/HTTP\/1\.1/g) ?? []).toHaveLength(answer === "" ? 0 : 1);
    } finally {
      finish();
      await slow.close();
    }
  });
});

describe("forwarded headers", () => {
  const headers = { "x-forwarded-for": "203.0.113.9, 10.1.1.1", "x-forwarded-proto": "https" };
  async function seenWith(trustProxy?: number | string[]) {
    const site = createApp({ logger: pino({ level: "silent" }), pages: async () => undefined, trustProxy });
    site.get("/api/who", async ({ ip, protocol }) => ({ ip, protocol }));
    const answer = await site.inject({ url: "/api/who", headers, remoteAddress: "10.0.0.1" });
    await site.close();
    return answer.json();
  }

  it("are believed only as far as the operator says", async () => {
    expect(await seenWith()).toEqual({ ip: "10.0.0.1", protocol: "http" });
    expect(await seenWith(0)).toEqual({ ip: "10.0.0.1", protocol: "http" });
    expect(await seenWith(1)).toEqual({ ip: "10.1.1.1", protocol: "https" });
    expect(await seenWith(2)).toEqual({ ip: "203.0.113.9", protocol: "https" });
    expect(await seenWith(["10.0.0.0/8"])).toEqual({ ip: "203.0.113.9", protocol: "https" });
    expect(await seenWith(["192.168.0.0/16"])).toEqual({ ip: "10.0.0.1", protocol: "http" });
  });
});

describe("a connection", () => {
  it("may not take for ever to send its request, nor send headers without end", () => {
    expect(app.server.headersTimeout).toBeLessThanOrEqual(20_000);
    expect(app.server.requestTimeout).toBeLessThanOrEqual(120_000);
    // Zero would be without end; answers are not concerned.
    expect(app.server.headersTimeout * app.server.requestTimeout).toBeGreaterThan(0);
    expect(app.server.timeout).toBe(0);
  });

  it("with too large headers is refused", async () => {
    const response = await fetch(`${url}/api/none`, { headers: { "x-large": "x".repeat(17 * 1024) } });
    expect(response.status).toBe(431);
  });
});

describe("errors", () => {
  it.each([
    ["bad JSON", "{", {}, 400, "invalid_json"],
    ["no JSON at all", "", {}, 400, "invalid_json"],
    [
      "another media type",
      "a=1",
      { "content-type": "application/x-www-form-urlencoded" },
      415,
      "unsupported_media_type",
    ],
    ["a huge body", JSON.stringify("x".repeat(1_100_000)), {}, 413, "payload_too_large"],
    ["another site", "{}", { "sec-fetch-site": "cross-site" }, 403, "forbidden"],
  ])("%s is refused in our shape", async (_name, body, headers, status, code) => {
    const response = await post("/api/echo", body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it("never tell what broke inside", async () => {
    for (const path of ["/api/fault", "/broken"]) {
      const response = await fetch(url + path);
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain("secret detail");
    }
  });

  it("say when to come back", async () => {
    const response = await fetch(`${url}/api/known`);
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("7");
  });
});

describe("an address with a NUL character", () => {
  it.each(["/share/%00", "/api/none/%00", "/v1/models/a%00b", "/?q=%00"])("is refused: %s", async (path) => {
    expect((await fetch(url + path)).status).toBe(400);
  });
});

describe("the headers that protect", () => {
  const directives = (policy: string | null) =>
    new Map((policy ?? "").split("; ").map((part) => [part.split(" ")[0], part.split(" ").slice(1)]));

  it("let a page run its own files and what has this answer's nonce, and nothing inline", async () => {
    const [one, two] = [await fetch(`${url}/`), await fetch(`${url}/leaderboard`)];
    const policies = [one, two].map(({ headers }) => directives(headers.get("content-security-policy")));
    const scripts = policies.map((policy) => policy.get("script-src") ?? []);
    for (const sources of scripts) {
      expect(sources).toContain("'self'");
      expect(sources.join(" ")).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|https?:|\*/);
    }
    const nonces = scripts.map((sources) => sources.find((source) => source.startsWith("'nonce-")));
    expect(nonces[0]).toMatch(/^'nonce-[A-Za-z0-9+/]{22}=='$/);
    expect(nonces[0]).not.toBe(nonces[1]);
    for (const policy of policies)
      for (const [name, value] of [
        ["frame-ancestors", "'none'"],
        ["object-src", "'none'"],
        ["base-uri", "'none'"],
        ["connect-src", "'self'"],
      ] as const)
        expect(policy.get(name)).toEqual([value]);
  });

  it("give the page the same nonce, whatever the client says it is", async () => {
    const headers = { "x-nonce": "mine", "content-security-policy": "script-src 'nonce-mine'" };
    const response = await fetch(`${url}/nonce`, { headers });
    const told = seen.at(-1);
    expect(told?.["content-security-policy"]).toBe(response.headers.get("content-security-policy"));
    expect(response.headers.get("content-security-policy")).toContain(`'nonce-${told?.["x-nonce"]}'`);
    expect(JSON.stringify(told)).not.toContain("mine");
  });

  it.each(["/", "/api/none", "/v1/none", "/v1/%zz"])("stand on %s", async (path) => {
    const { headers } = await fetch(url + path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(headers.get("content-security-policy")).toMatch(/frame-ancestors 'none'/);
    // Of a document that may load and do nothing there is no more to say.
    const isPage = path === "/";
    expect(headers.get("permissions-policy")).toEqual(isPage ? expect.stringContaining("camera=()") : null);
    expect(headers.get("cross-origin-opener-policy")).toBe(isPage ? "same-origin" : null);
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("strict-transport-security")).toBeNull();
  });

  it("answer an API call opened as a page with a policy under which it can do nothing", async () => {
    const { headers } = await fetch(`${url}/api/none`);
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
  });
});

describe("TLS", () => {
  const make = async (options: { trustProxy?: number | string[]; isSecure?: boolean }) => {
    const own = createApp({
      ...{ logger: pino({ level: "silent" }), ...options },
      pages: async (_request, response) => void response.end("page"),
    });
    await own.listen({ host: "127.0.0.1", port: 0 });
    const address = `http://127.0.0.1:${(own.server.address() as AddressInfo).port}`;
    const read = async (path: string, proto?: string) => {
      const headers: Record<string, string> = proto === undefined ? {} : { "x-forwarded-proto": proto };
      return (await fetch(address + path, { headers })).headers.get("strict-transport-security");
    };
    const both = async (proto?: string) => [await read("/", proto), await read("/api/none", proto)];
    return { both, close: () => own.close() };
  };
  const year = "max-age=31536000";

  it.each([
    ["a site that is reached over TLS only", { isSecure: true }, undefined, year],
    ["a believed proxy that says so", { trustProxy: 1 }, "https", year],
    ["a proxy in a believed network", { trustProxy: ["loopback"] }, "https", year],
    ["a believed proxy that says http", { trustProxy: 1 }, "http", null],
    ["a client that nobody believes", {}, "https", null],
    ["a proxy outside the believed networks", { trustProxy: ["10.0.0.0/8"] }, "https", null],
  ])("is remembered by browsers of %s", async (_name, options, proto, expected) => {
    const own = await make(options);
    expect(await own.both(proto)).toEqual([expected, expected]);
    await own.close();
  });
});

import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { ApiCaller } from "@/lib/accounts";
import { offeredModel, registration, testJoinToken } from "../controller/test-support";
import { completion, frame, politeWorker, startTestApi, type TestApi } from "./test-support";

let api: TestApi;

afterEach(() => api.close());

const chat = "/v1/chat/completions";
const hello = { model: "demo", messages: [{ role: "user", content: "Hi" }] };
const json = { "content-type": "application/json", host: "localhost" };

type Inject = {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  url?: string;
  headers?: object;
  payload?: string | Buffer | object;
};

async function inject({ method = "POST", url = chat, headers = {}, payload }: Inject) {
  const response = await api.app.inject({ method, url, headers: { ...json, ...headers }, payload });
  return { status: response.statusCode, headers: response.headers, error: response.json().error };
}

describe("errors in OpenAI's shape", () => {
  it.each<[string, Inject, number, string, string | null]>([
    ["an unknown path", { method: "GET", url: "/v1/nothing" }, 404, "not_found", null],
    [
      "an unknown path with a body of another type",
      { url: "/v1/nothing", headers: { "content-type": "text/xml" }, payload: "<a/>" },
      404,
      "not_found",
      null,
    ],
    ["the prefix itself", { method: "GET", url: "/v1" }, 404, "not_found", null],
    ["another method", { method: "GET", url: chat }, 405, "method_not_allowed", null],
    [
      "a method that models lack",
      { method: "DELETE", url: "/v1/models/demo" },
      405,
      "method_not_allowed",
      null,
    ],
    ["no body", {}, 400, "invalid_json", null],
    ["bad JSON", { payload: '{"model":' }, 400, "invalid_json", null],
    ["bad UTF-8", { payload: Buffer.from('{"model":"\xff"}', "latin1") }, 400, "invalid_json", null],
    ["an array", { payload: "[]" }, 400, "invalid_request", null],
    ["a string", { payload: '"x"' }, 400, "invalid_request", null],
    ["null", { payload: "null" }, 400, "invalid_request", null],
    [
      "another media type",
      { headers: { "content-type": "text/plain" }, payload: "{}" },
      415,
      "unsupported_media_type",
      null,
    ],
    [
      "a form",
      { headers: { "content-type": "multipart/form-data; boundary=x" }, payload: "--x--" },
      415,
      "unsupported_media_type",
      null,
    ],
    ["no model", { payload: { messages: hello.messages } }, 400, "invalid_request", "model"],
    ["a model that is a number", { payload: { ...hello, model: 5 } }, 400, "invalid_request", "model"],
    ["no messages", { payload: { model: "demo" } }, 400, "invalid_request", "messages"],
    ["empty messages", { payload: { ...hello, messages: [] } }, 400, "invalid_request", "messages"],
    [
      "a message without a role",
      { payload: { ...hello, messages: [{ content: "x" }] } },
      400,
      "invalid_request",
      "messages.0.role",
    ],
    [
      "content that is a number",
      { payload: { ...hello, messages: [{ role: "user", content: 5 }] } },
      400,
      "invalid_request",
      "messages.0.content",
    ],
    ["stream that is a string", { payload: { ...hello, stream: "yes" } }, 400, "invalid_request", "stream"],
    [
      "stream_options that is a list",
      { payload: { ...hello, stream_options: [] } },
      400,
      "invalid_request",
      "stream_options",
    ],
    [
      "too many messages",
      { payload: { ...hello, messages: Array(10_001).fill(hello.messages[0]) } },
      400,
      "invalid_request",
      "messages",
    ],
    [
      "too many parts of content",
      { payload: { ...hello, messages: [{ role: "user", content: Array(10_001).fill(1) }] } },
      400,
      "invalid_request",
      "messages",
    ],
    [
      "a body that is too large",
      { payload: { ...hello, padding: "x".repeat(8 * 1024 * 1024) } },
      413,
      "payload_too_large",
      null,
    ],
    ["a model that nobody serves", { payload: { ...hello, model: "none" } }, 404, "model_not_found", null],
    [
      "a model that nobody serves, retrieved",
      { method: "GET", url: "/v1/models/none" },
      404,
      "model_not_found",
      "model",
    ],
  ])("%s", async (_name, request, status, code, param) => {
    api = await startTestApi(politeWorker);
    const response = await inject(request);
    expect(response).toMatchObject({ status, error: { code, param } });
    expect(response.error).toMatchObject({
      message: expect.any(String),
      type: expect.stringMatching(/_error$/),
    });
    expect(response.headers["x-request-id"]).toMatch(/^[\da-f-]{36}$/);
    expect(api.worker.requests).toEqual([]);
  });

  it("names the methods that a path takes", async () => {
    api = await startTestApi(politeWorker);
    expect((await inject({ method: "GET" })).headers["allow"]).toBe("POST");
    expect((await inject({ url: "/v1/models", payload: {} })).headers["allow"]).toBe("GET, HEAD");
  });

  it("says when to come again if no worker is free", async () => {
    api = await startTestApi((response) => response.writeHead(429, { "retry-after": "7" }).end());
    const response = await inject({ payload: hello });
    expect(response).toMatchObject({ status: 503, error: { code: "no_worker_available" } });
    expect(response.headers["retry-after"]).toBe("7");
  });

  it("leaves other paths to the server", async () => {
    api = await startTestApi(politeWorker);
    const response = await api.app.inject({ method: "GET", url: "/v10" });
    expect(response.json()).toMatchObject({ statusCode: 404 });
  });
});

describe("who is served", () => {
  const keyed = { keys: ["key-1", "key-2"] };

  it.each<[string, object, number]>([
    ["the first key", { authorization: "Bearer key-1" }, 200],
    ["the second key", { authorization: "bearer key-2" }, 200],
    ["no key", {}, 401],
    ["another key", { authorization: "Bearer key-3" }, 401],
    ["a part of a key", { authorization: "Bearer key-" }, 401],
    ["two keys at once", { authorization: "Bearer key-1,key-2" }, 401],
    ["another scheme", { authorization: "Basic key-1" }, 401],
  ])("with keys configured: %s", async (_name, headers, status) => {
    api = await startTestApi(politeWorker, keyed);
    const response = await inject({ method: "GET", url: "/v1/models", headers });
    expect(response.status).toBe(status);
    if (status === 401) {
      expect(response.error).toMatchObject({ code: "invalid_api_key", type: "authentication_error" });
      expect(response.headers["www-authenticate"]).toBe("Bearer");
    }
  });

  it("asks for the key before it reads a body", async () => {
    api = await startTestApi(politeWorker, keyed);
    expect(await inject({ payload: "{" })).toMatchObject({ status: 401, error: { code: "invalid_api_key" } });
  });

  it.each<[string, { headers?: object; remoteAddress?: string }, number]>([
    ["a program on this machine", {}, 200],
    ["over IPv6", { remoteAddress: "::1", headers: { host: "[::1]:3000" } }, 200],
    ["over IPv4 in IPv6", { remoteAddress: "::ffff:127.0.0.1", headers: { host: "127.0.0.1:3000" } }, 200],
    ["another machine", { remoteAddress: "192.168.1.7" }, 401],
    ["a proxy on this machine", { headers: { "x-forwarded-for": "127.0.0.1" } }, 401],
    ["a proxy that speaks RFC 7239", { headers: { forwarded: "for=127.0.0.1" } }, 401],
    ["a page whose name resolves to this machine", { headers: { host: "evil.example:3000" } }, 401],
    ["a name that only begins like ours", { headers: { host: "127.0.0.1.evil.example" } }, 401],
  ])("without keys: %s", async (_name, { headers = {}, remoteAddress = "127.0.0.1" }, status) => {
    api = await startTestApi(politeWorker);
    const response = await api.app.inject({
      method: "GET",
      url: "/v1/models",
      headers: { ...json, ...headers },
      remoteAddress,
    });
    expect(response.statusCode).toBe(status);
  });
});

describe("a key that is pinned to pools", () => {
  /** Of the two workers, "demo" is in the pool `default` and cannot embed, "eastern" in `east`. */
  async function startPinned(pools: string[] | null) {
    const noLimits = {
      requestsPerMinute: null,
      tokensPerMinute: null,
      requestsPerDay: null,
      tokensPerDay: null,
    };
    const caller: ApiCaller = {
      ...{ kind: "key", keyId: "1", ownerLabel: "lab" },
      scopes: { models: null, pools, endpoints: null, allowExperimental: false },
      limits: { ...noLimits, maxConcurrent: null },
    };
    api = await startTestApi(politeWorker, { authenticate: () => ({ caller }), capabilities: ["chat"] });
    await api.controller.register(
      testJoinToken,
      registration(api.worker.url.replace("127.0.0.1", "127.0.0.2"), {
        ...{ pool: "east", models: [offeredModel("eastern")] },
      }),
    );
  }
  const listed = async () => {
    const response = await api.app.inject({ method: "GET", url: "/v1/models", headers: json });
    return response.json().data.map(({ id }: { id: string }) => id);
  };

  it("sees and uses what the workers of its pools offer, as if there were nothing else", async () => {
    await startPinned(["default"]);
    expect(await listed()).toEqual(["demo"]);
    expect(await inject({ payload: hello })).toMatchObject({ status: 200 });
    const missing = { status: 404, error: { code: "model_not_found" } };
    expect(await inject({ payload: { ...hello, model: "eastern" } })).toMatchObject(missing);
    expect(await inject({ method: "GET", url: "/v1/models/eastern" })).toMatchObject(missing);
  });

  it("is told nothing of a model elsewhere, not even what it cannot do", async () => {
    await startPinned(["west"]);
    expect(await listed()).toEqual([]);
    const request = { url: "/v1/embeddings", payload: { model: "demo", input: "x" } };
    expect(await inject(request)).toMatchObject({ status: 404, error: { code: "model_not_found" } });
  });

  it("may be pinned to none", async () => {
    await startPinned(null);
    expect(await listed()).toEqual(["demo", "eastern"]);
  });
});

describe("one request", () => {
  it("leaves one log line and its metrics", async () => {
    api = await startTestApi(politeWorker);
    await inject({ payload: hello });
    await inject({ payload: { ...hello, model: "none" } });
    await inject({ payload: "{" });
    expect(api.log).toEqual([
      {
        requestId: expect.any(String),
        endpoint: "chat",
        model: "demo",
        workerId: api.workerId,
        status: 200,
        queueWaitMs: expect.any(Number),
        firstByteMs: expect.any(Number),
        totalMs: expect.any(Number),
        promptTokens: 3,
        cachedTokens: null,
        completionTokens: 2,
        outcome: "complete",
      },
      expect.objectContaining({ model: "none", workerId: null, status: 404, outcome: "model_not_found" }),
      expect.objectContaining({ model: null, workerId: null, status: 400, outcome: "invalid_json" }),
    ]);
    const text = await api.metrics.metrics();
    const [demo, unknown] = ["demo", "(unknown)"].map((name) => `endpoint="chat",model="${name}"`);
    expect(text).toContain(`arena_api_requests_total{${demo},status="200",outcome="complete"} 1`);
    // Names that nobody serves stand together: there is no end of them.
    expect(text).toContain(`arena_api_requests_total{${unknown},status="404",outcome="model_not_found"} 1`);
    expect(text).toContain(`arena_api_requests_total{${unknown},status="400",outcome="invalid_json"} 1`);
    expect(text).not.toContain('model="none"');
    expect(text).toContain("arena_api_requests_in_flight 0");
    expect(text).toContain(`arena_api_tokens_total{${demo},kind="prompt"} 3`);
    expect(text).toContain(`arena_api_tokens_total{${demo},kind="completion"} 2`);
    expect(text).toContain(`arena_api_first_byte_seconds_count{${demo}} 1`);
    expect(text).toContain(`arena_api_request_seconds_count{${demo}} 1`);
    expect(text).toContain(`arena_api_request_seconds_count{${unknown}} 2`);
    expect(text).toContain("arena_claims_open 0");
    expect(text).toContain('arena_workers{health="healthy"} 1');
    expect(text).toContain('arena_dispatch_attempts_total{outcome="answered"} 1');
  });
});

describe("the client's connection", () => {
  const request = (body: object): string => {
    const payload = JSON.stringify(body);
    return [
      `POST ${chat} HTTP/1.1`,
      "host: localhost",
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(payload)}`,
      "",
      payload,
    ].join("\r\n");
  };
  const socketTo = (target: TestApi) => connect(Number(new URL(target.baseUrl).port), "127.0.0.1");

  it("half-closed in the middle frees the worker", async () => {
    api = await startTestApi((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(frame("Hello"));
    });
    const socket = socketTo(api);
    socket.write(request({ ...hello, stream: true }));
    await once(socket, "data");
    expect(api.controller.workers()[0]?.outstanding).toBe(1);
    socket.end();
    await expect.poll(() => api.controller.workers()[0]?.outstanding).toBe(0);
    await expect.poll(() => api.worker.open.size).toBe(0);
    socket.destroy();
  });

  it("takes requests that are sent ahead of their answers, and answers in their order", async () => {
    const texts = ["first", "second", "third"];
    api = await startTestApi((response, { body }) => {
      const asked = texts.findIndex((text) => body.includes(text));
      const answer = completion(`to the ${texts[asked]}`);
      // The earlier, the later.
      setTimeout(
        () => {
          response.writeHead(200, { "content-type": "application/json" }).end(answer);
        },
        100 - 40 * asked,
      );
    });
    const socket = socketTo(api);
    let received = "";
    socket.on("data", (bytes) => {
      received += bytes;
    });
    const ask = (content: string) => request({ ...hello, messages: [{ role: "user", content }] });
    socket.write(texts.map(ask).join(""));
    await expect.poll(() => received.match(/to the \w+/g)).toEqual(texts.map((text) => `to the ${text}`));
    expect(received.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
    socket.destroy();
    await expect.poll(() => api.log.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("that nobody reads is cut, and the worker is free again", async () => {
    api = await startTestApi(
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const write = (): void => {
          while (response.write(frame("x".repeat(60_000))));
          response.once("drain", write);
        };
        write();
      },
      { upstreamTimeoutMs: 300 },
    );
    const socket = socketTo(api);
    socket.write(request({ ...hello, stream: true }));
    await once(socket, "data");
    socket.pause();
    await expect.poll(() => api.log, { timeout: 5_000 }).toMatchObject([{ outcome: "client_gone" }]);
    expect(api.controller.workers()[0]?.outstanding).toBe(0);
    await expect.poll(() => api.worker.open.size).toBe(0);
    socket.destroy();
  });

  it("is kept for the next request after a stream", async () => {
    api = await startTestApi(politeWorker);
    const socket = socketTo(api);
    socket.setEncoding("utf8");
    let received = "";
    socket.on("data", (text: string) => {
      received += text;
    });
    socket.write(request({ ...hello, stream: true }));
    await expect.poll(() => received).toMatch(/\[DONE\]\n\n\r\n0\r\n\r\n$/);
    received = "";
    socket.write(request(hello));
    await expect.poll(() => received).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*wörld/);
    socket.destroy();
  });

  it("gets an error frame and no [DONE] when the worker fails", async () => {
    api = await startTestApi((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(frame("Hello"), () => setImmediate(() => response.socket?.resetAndDestroy()));
    });
    const { text } = await api.post("/chat/completions", { ...hello, stream: true });
    expect(text.startsWith(frame("Hello"))).toBe(true);
    expect(text.slice(frame("Hello").length)).toMatch(
      /^event: error\ndata: \{"error":\{.*"code":"upstream_failed"\}\}\n\n$/,
    );
    expect(text).not.toContain("[DONE]");
    expect(api.log).toMatchObject([{ status: 200, outcome: "upstream_failed" }]);
  });
});

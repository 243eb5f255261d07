import { afterEach, describe, expect, it } from "vitest";
import { errorOf, politeWorker, startTestApi, type TestApi } from "./test-support";

let api: TestApi;

afterEach(() => api.close());

const json = { "content-type": "application/json", host: "localhost" };
const messages = [{ role: "user", content: "Hi" }];
const chat = { model: "demo", messages };

describe("every endpoint", () => {
  const bodies: [string, object][] = [
    ["/chat/completions", chat],
    ["/completions", { model: "demo", prompt: "Once", suffix: null, x_unknown: [1] }],
    ["/embeddings", { model: "demo", input: [[1, 2], [3]], encoding_format: "base64" }],
    ["/tokenize", { model: "demo", input: "Hi" }],
  ];

  it.each(bodies)(
    "%s hands the worker the client's own bytes and the client the worker's",
    async (path, body) => {
      api = await startTestApi((response) => {
        response.writeHead(200, { "content-type": "application/json" }).end('{"any": "answer"}');
      });
      const answer = await api.post(path, body);
      expect(answer).toMatchObject({ status: 200, text: '{"any": "answer"}' });
      expect(answer.headers).toMatchObject({
        "openai-version": "2020-10-01",
        "x-request-id": expect.any(String),
      });
      expect(api.worker.requests).toMatchObject([{ path: `/v1${path}`, body: JSON.stringify(body) }]);
    },
  );

  it.each<[string, object, string]>([
    ["/chat/completions", { ...chat, temperature: "hot" }, "temperature"],
    ["/chat/completions", { ...chat, stop: [1] }, "stop"],
    ["/chat/completions", { ...chat, tools: {} }, "tools"],
    ["/chat/completions", { ...chat, tools: [{ type: "function", function: {} }] }, "tools.0.function.name"],
    ["/chat/completions", { ...chat, logit_bias: { 5: "x" } }, "logit_bias.5"],
    ["/chat/completions", { ...chat, metadata: { a: 1 } }, "metadata.a"],
    ["/chat/completions", { ...chat, n: 1.5 }, "n"],
    ["/completions", { model: "demo" }, "prompt"],
    ["/completions", { model: "demo", prompt: 5 }, "prompt"],
    ["/completions", { model: "demo", prompt: "x", echo: 1 }, "echo"],
    ["/embeddings", { model: "demo", input: {} }, "input"],
    ["/embeddings", { model: "demo", input: "x", encoding_format: "int8" }, "encoding_format"],
    ["/tokenize", { model: "demo", input: ["x"] }, "input"],
    ["/tokenize", { input: "x" }, "model"],
    ["/responses", { model: "demo" }, "input"],
    ["/responses", { model: "demo", input: [] }, "input"],
    ["/responses", { model: "demo", input: "x", max_output_tokens: "many" }, "max_output_tokens"],
  ])("%s names the field of a wrong type: %o", async (path, body, param) => {
    api = await startTestApi(politeWorker);
    const answer = await api.post(path, body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: "invalid_request", type: "invalid_request_error", param });
    expect(errorOf(answer).message).toContain(param);
    expect(api.worker.requests).toEqual([]);
  });

  it("says of a field that is not there that it is required", async () => {
    api = await startTestApi(politeWorker);
    expect(errorOf(await api.post("/chat/completions", { messages })).message).toBe("model: is required");
    expect(errorOf(await api.post("/chat/completions", { model: "demo" })).message).toBe(
      "messages: is required",
    );
    expect(errorOf(await api.post("/embeddings", { model: "demo" })).message).toBe("input: is required");
    expect(errorOf(await api.post("/completions", { model: 5 })).message).toBe("model: must be a string");
  });

  it.each([
    ["/embeddings", { model: "demo", input: "x" }, "embeddings"],
    ["/completions", { model: "demo", prompt: "x" }, "raw completions"],
  ])("%s refuses a model that is not made for it, before a worker is asked", async (path, body, noun) => {
    api = await startTestApi(politeWorker, { capabilities: ["chat"] });
    const answer = await api.post(path, body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: "unsupported_parameter", param: "model" });
    expect(errorOf(answer).message).toContain(`"demo" is not made for ${noun}; it offers chat.`);
    expect(api.worker.requests).toEqual([]);
  });

  it.each<[string, object]>([
    ["/chat/completions", chat],
    ["/completions", { model: "demo", prompt: "x" }],
  ])("%s passes over no option of a stream", async (path, body) => {
    api = await startTestApi(politeWorker);
    const refusalOf = async (fields: object) => errorOf(await api.post(path, { ...body, ...fields }));
    const padded = { stream: true, stream_options: { include_obfuscation: true } };
    expect(await refusalOf(padded)).toMatchObject({
      code: "unsupported_parameter",
      param: "stream_options.include_obfuscation",
    });
    for (const stream of [{}, { stream: false }, { stream: null }]) {
      expect(await refusalOf({ ...stream, stream_options: { include_usage: true } })).toMatchObject({
        code: "invalid_request",
        param: "stream_options",
      });
    }
    expect(api.worker.requests).toEqual([]);
    const plain = { stream: true, stream_options: { include_obfuscation: false } };
    expect((await api.post(path, { ...body, ...plain })).status).toBe(200);
    expect((await api.post(path, { ...body, stream_options: null })).status).toBe(200);
  });

  it("refuses a compressed body", async () => {
    api = await startTestApi(politeWorker);
    const answer = await api.post("/chat/completions", chat, { "content-encoding": "gzip" });
    expect(answer.status).toBe(415);
    expect(errorOf(answer)).toMatchObject({ code: "unsupported_media_type" });
  });

  it.each(["/completions", "/embeddings", "/responses", "/tokenize", "/chat/completions"])(
    "%s takes only POST",
    async (path) => {
      api = await startTestApi(politeWorker);
      for (const method of ["GET", "PUT", "DELETE", "PATCH"] as const) {
        const response = await api.app.inject({ method, url: `/v1${path}`, headers: { host: "localhost" } });
        expect(response.statusCode).toBe(405);
        expect(response.headers["allow"]).toBe("POST");
      }
    },
  );
});

describe("pages of other sites", () => {
  const origin = "https://lab.example";
  const preflight = (from: string) =>
    api.app.inject({
      method: "OPTIONS",
      url: "/v1/chat/completions",
      headers: {
        origin: from,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
      remoteAddress: "192.0.2.7",
    });

  it("may not call by default", async () => {
    api = await startTestApi(politeWorker);
    expect((await preflight(origin)).statusCode).toBe(405);
    const answer = await api.post("/chat/completions", chat, { origin });
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("that are listed get a preflight without a key, and headers they may read, errors and streams included", async () => {
    api = await startTestApi(politeWorker, { corsOrigins: [origin], keys: ["key-1"] });
    const allowed = await preflight(origin);
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-headers": "authorization",
    });
    expect((await preflight("https://other.example")).headers).not.toHaveProperty(
      "access-control-allow-origin",
    );
    const refused = await api.post("/chat/completions", chat, { origin });
    expect(refused.status).toBe(401);
    expect(refused.headers["access-control-allow-origin"]).toBe(origin);
    const stream = await api.post(
      "/chat/completions",
      { ...chat, stream: true },
      { origin, authorization: "Bearer key-1" },
    );
    expect(stream.headers["access-control-allow-origin"]).toBe(origin);
    expect(stream.headers["access-control-expose-headers"]).toContain("x-ratelimit-remaining-tokens");
  });

  it("may be all", async () => {
    api = await startTestApi(politeWorker, { corsOrigins: ["*"] });
    expect((await preflight("https://any.example")).headers["access-control-allow-origin"]).toBe("*");
  });
});

describe("GET /v1/openapi.json", () => {
  it("is open, and describes every route", async () => {
    api = await startTestApi(politeWorker, { keys: ["key-1"] });
    const response = await api.app.inject({
      method: "GET",
      url: "/v1/openapi.json",
      remoteAddress: "192.0.2.7",
    });
    expect(response.statusCode).toBe(200);
    const document = response.json();
    expect(document.openapi).toBe("3.1.0");
    for (const [path, methods] of Object.entries<object>(document.paths)) {
      for (const method of Object.keys(methods)) {
        const url = `/v1${path.replace("{id}", "demo")}`;
        const answer = await api.app.inject({
          method: method.toUpperCase() as "GET" | "POST",
          url,
          headers: { ...json, authorization: "Bearer key-1" },
          ...(method === "post" ? { payload: "{}" } : {}),
        });
        // There is such a route: it answers, or says what is missing in the body.
        expect([200, 400], `${method} ${url}`).toContain(answer.statusCode);
      }
    }
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name ?? "");
    }
  });
});

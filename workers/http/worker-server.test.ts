import pino from "pino";
import { describe, expect, it } from "vitest";
import { type ScenarioName, scenarios, scenarioText } from "../engine/mock";
import { chatBody, mockEngine, mockModel, testSecret } from "./test-support";
import { createWorkerServer } from "./worker-server";

function setUp(scenario: ScenarioName = "plain", secret: () => string | null = () => testSecret) {
  const engine = mockEngine(scenario);
  const server = createWorkerServer({
    engine,
    secret,
    logger: pino({ level: "silent" }),
    bodyLimitBytes: 10_000,
  });
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    server.app.inject({
      method: "POST",
      url: "/v1/chat/completions",
      headers: { authorization: `Bearer ${testSecret}`, "content-type": "application/json", ...headers },
      payload: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { engine, server, post };
}

const pieces = scenarios.plain.pieces.length;

/** The `data` of each frame, parsed; `[DONE]` stays a string. */
function frames(body: string): unknown[] {
  return body
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map(
      (frame) =>
        frame
          .split("\n")
          .findLast((line) => line.startsWith("data: "))
          ?.slice(6) ?? "",
    )
    .map((data) => (data === "[DONE]" ? data : JSON.parse(data)));
}

describe("POST /v1/chat/completions", () => {
  it("answers whole", async () => {
    const response = await setUp().post(chatBody());
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
      object: "chat.completion",
      created: expect.closeTo(Date.now() / 1000, -2),
      model: "scripted",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: scenarioText("plain"), refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: pieces, total_tokens: pieces + 1 },
    });
  });

  it("streams: the role first, a chunk for each piece, the reason, [DONE]", async () => {
    const response = await setUp("cjk").post(chatBody({ stream: true }));
    expect(response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    const all = frames(response.body) as {
      choices: { delta: Record<string, string>; finish_reason: unknown }[];
    }[];
    expect(all.at(-1)).toBe("[DONE]");
    const chunks = all.slice(0, -1);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta["content"] ?? "").join("")).toBe(
      scenarioText("cjk"),
    );
    expect(
      chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter((reason) => reason !== null),
    ).toEqual(["stop"]);
    const heads = chunks.map(({ choices, ...head }) => JSON.stringify(head));
    expect(new Set(heads).size).toBe(1);
    expect(JSON.parse(heads[0] ?? "")).toMatchObject({ object: "chat.completion.chunk", model: "scripted" });
  });

  it("adds usage as a last chunk of its own where asked, and null before it", async () => {
    const response = await setUp().post(chatBody({ stream: true, stream_options: { include_usage: true } }));
    const chunks = frames(response.body).slice(0, -1) as { usage: unknown; choices: unknown[] }[];
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: pieces + 1 } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it("streams an empty answer", async () => {
    const all = frames((await setUp("empty").post(chatBody({ stream: true }))).body);
    expect(all).toHaveLength(3);
  });

  it("keeps the status of a failure before the first byte, streaming or not", async () => {
    for (const stream of [true, false]) {
      const response = await setUp("errors").post(chatBody({ stream }));
      expect(response.statusCode).toBe(503);
      expect(response.json()).toMatchObject({ error: { code: "no_worker_available", type: "server_error" } });
    }
  });

  it("ends a stream that fails later with an error frame and without [DONE]", async () => {
    const { body } = await setUp("breaks").post(chatBody({ stream: true }));
    expect(body).toContain('\n\nevent: error\ndata: {"error":{"message"');
    expect(frames(body).at(-1)).toMatchObject({ error: { code: "upstream_failed" } });
    expect(body).not.toContain("[DONE]");
    expect((await setUp("breaks").post(chatBody())).statusCode).toBe(502);
  });

  it.each([
    ["not JSON", "{", {}, 400, "invalid_json", null],
    ["no body", "", {}, 400, "invalid_json", null],
    ["a poisoned body", '{"__proto__": {"x": 1}}', {}, 400, "invalid_json", null],
    ["another type", "hello", { "content-type": "text/plain" }, 415, "unsupported_media_type", null],
    ["too much", JSON.stringify(chatBody({ user: "x".repeat(10_000) })), {}, 413, "payload_too_large", null],
    ["an unknown model", chatBody({ model: "other" }), {}, 404, "model_not_found", "model"],
    ["audio", chatBody({ audio: {} }), {}, 400, "unsupported_parameter", "audio"],
    ["no messages", { model: "scripted" }, {}, 400, "invalid_request", "messages"],
  ])("refuses %s", async (_name, body, headers, status, code, param) => {
    const response = await setUp().post(body, headers);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ error: { code, param, message: expect.any(String) } });
  });

  it("hands the request's id back", async () => {
    const response = await setUp().post(chatBody(), { "x-request-id": "req-1" });
    expect(response.headers["x-request-id"]).toBe("req-1");
  });
});

describe("a method that a path does not have", () => {
  const authorization = `Bearer ${testSecret}`;

  it.each([
    ["GET", "/v1/chat/completions", "POST"],
    ["PUT", "/v1/completions?x=1", "POST"],
    ["DELETE", "/v1/embeddings", "POST"],
    ["PATCH", "/v1/tokenize", "POST"],
    ["POST", "/v1/models", "GET, HEAD"],
    ["POST", "/health", "GET, HEAD"],
  ] as const)("is refused: %s %s", async (method, url, allow) => {
    const response = await setUp().server.app.inject({ method, url, headers: { authorization } });
    expect([response.statusCode, response.headers["allow"]]).toEqual([405, allow]);
    expect(response.json()).toMatchObject({ error: { code: "method_not_allowed" } });
  });

  it("says nothing about methods to a stranger, nor where there is no path", async () => {
    const { server } = setUp();
    const stranger = await server.app.inject({ method: "GET", url: "/v1/completions" });
    expect([stranger.statusCode, stranger.headers["allow"]]).toEqual([401, undefined]);
    const nowhere = await server.app.inject({
      method: "GET",
      url: "/v1/nothing",
      headers: { authorization },
    });
    expect([nowhere.statusCode, nowhere.headers["allow"]]).toEqual([404, undefined]);
  });
});

describe("the worker's secret", () => {
  const routes = ["/v1/models", "/%761/models", "/v1/nothing"];

  it.each(routes)("is asked for at %s, in full", async (url) => {
    const { server } = setUp();
    for (const authorization of [
      undefined,
      "Bearer",
      "Bearer wrong",
      `Basic ${testSecret}`,
      `Bearer ${testSecret}x`,
    ]) {
      const response = await server.app.inject({
        url,
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ error: { code: "invalid_worker_secret" } });
    }
  });

  it("opens nothing before the worker is registered", async () => {
    const { server } = setUp("plain", () => null);
    for (const authorization of ["Bearer null", "Bearer undefined", "Bearer "]) {
      const response = await server.app.inject({ url: "/v1/models", headers: { authorization } });
      expect(response.statusCode).toBe(401);
    }
  });

  it("is not asked for at /health", async () => {
    const { server } = setUp();
    expect((await server.app.inject({ url: "/health" })).json()).toEqual({
      status: "ok",
      models: ["scripted"],
      slots: 4,
      device: expect.any(String),
      busySlots: 0,
      queued: 0,
      tokensPerSecond: null,
    });
    expect((await server.app.inject({ url: "/other" })).json()).toMatchObject({
      error: { code: "not_found" },
    });
  });

  it("opens /v1/models", async () => {
    const { server } = setUp();
    const headers = { authorization: `Bearer ${testSecret}` };
    expect((await server.app.inject({ url: "/v1/models", headers })).json()).toEqual({
      object: "list",
      data: [
        {
          id: "scripted",
          object: "model",
          created: expect.any(Number),
          owned_by: "Tests",
          max_model_len: 1000,
          capabilities: mockModel.capabilities,
        },
      ],
    });
  });
});

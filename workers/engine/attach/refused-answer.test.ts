import { describe, expect, it } from "vitest";
import { refusedAnswer, retryAfterSeconds } from "./refused-answer";

const refuse = (
  status: number,
  text: string,
  contentType = "application/json",
  retryAfter: string | null = null,
) => refusedAnswer({ status, text, contentType, retryAfter });

describe("refusedAnswer", () => {
  it.each([
    [
      "OpenAI, Ollama",
      400,
      '{"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}}',
    ],
    ["llama-server", 400, '{"error":{"code":400,"message":"no","type":"invalid_request_error"}}'],
    ["a model that has gone", 404, '{"error":{"message":"The model `x` does not exist.","code":404}}'],
  ])("hands on a refusal of %s, byte for byte", (_name, status, body) => {
    expect(refuse(status, body)).toEqual({ kind: "pass", status, body });
  });

  it.each([
    [
      "vLLM before 0.10",
      '{"object":"error","message":"too long","type":"BadRequestError","code":400}',
      "too long",
    ],
    [
      "TGI",
      '{"error":"Input validation error: `x`","error_type":"validation"}',
      "Input validation error: `x`",
    ],
    [
      "FastAPI",
      '{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required"}]}',
      "messages: Field required",
    ],
    ["FastAPI, plain", '{"detail":"Bad"}', "Bad"],
    ["nobody", "", "The engine refused the request with status 422."],
    ["other JSON", "[1]", "The engine refused the request with status 422."],
  ])("brings a refusal of %s into OpenAI's form", (_name, body, message) => {
    expect(refuse(422, body)).toMatchObject({ kind: "error", error: { code: "invalid_request", message } });
  });

  it("hands no page on", () => {
    const page = '<html>{"error":{"message":"x"}}</html>';
    expect(refuse(400, page, "text/html")).toMatchObject({
      error: { code: "invalid_request", message: "The engine refused the request with status 400." },
    });
    expect(refuse(413, page, "text/html")).toMatchObject({ error: { code: "payload_too_large" } });
    expect(refuse(404, page, "text/html")).toMatchObject({ error: { code: "not_found" } });
  });

  it.each([401, 402, 403, 407, 301, 307, 204, 500, 502])(
    "never calls %i the client's fault, and says nothing of the engine's text",
    (status) => {
      const result = refuse(status, '{"error":{"message":"Incorrect API key provided: sk-1"}}');
      expect(result).toMatchObject({ kind: "error", error: { code: "upstream_failed", status: 502 } });
      expect(JSON.stringify(result)).not.toContain("sk-1");
    },
  );

  it("says for how long an engine is busy, without its account", () => {
    const quota = '{"error":{"message":"Rate limit reached in organization org-7"}}';
    const result = refuse(429, quota, "application/json", "7");
    expect(result).toMatchObject({ error: { status: 429, details: { retryAfterSeconds: 7 } } });
    expect(JSON.stringify(result)).not.toContain("org-7");
    expect(refuse(503, "")).toMatchObject({ error: { status: 503, details: {} } });
  });

  it("refuses by name what the engine was not started for", () => {
    const body =
      '{"error":{"code":501,"message":"This server does not support embeddings.","type":"not_supported_error"}}';
    expect(refuse(501, body)).toMatchObject({
      error: { code: "unsupported_parameter", message: "This server does not support embeddings." },
    });
  });
});

describe("retryAfterSeconds", () => {
  it("takes seconds and dates", () => {
    const now = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");
    expect(retryAfterSeconds("120", now)).toBe(120);
    expect(retryAfterSeconds("Wed, 21 Oct 2026 07:28:30 GMT", now)).toBe(30);
    expect(retryAfterSeconds("Wed, 21 Oct 2026 07:00:00 GMT", now)).toBe(0);
    expect(retryAfterSeconds("soon", now)).toBeNull();
    expect(retryAfterSeconds(null, now)).toBeNull();
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completion, politeWorker, startTestApi, type TestApi } from "./test-support";

/** Answers are written past Fastify's own `send`: what hooks have put on the reply must be on them all the same. */

const page = "https://page.example";
const long = completion("long ".repeat(20_000));
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi(
    (response, request, number) => {
      const { messages } = JSON.parse(request.body) as { messages: { content: string }[] };
      const asked = messages[0]?.content;
      if (asked === "refuse") {
        const error = { message: "no", type: "invalid_request_error", param: null, code: null };
        response.writeHead(422, { "content-type": "application/json" }).end(JSON.stringify({ error }));
      } else if (asked === "long") {
        response.writeHead(200, { "content-type": "application/json" }).end(long);
      } else politeWorker(response, request, number);
    },
    { corsOrigins: [page] },
  );
});
afterAll(() => api.close());

function ask(content: string, isStream = false): Promise<Response> {
  const body = { model: "demo", messages: [{ role: "user", content }], stream: isStream };
  return api.ask("/chat/completions", body, { headers: { origin: page } });
}

describe("an answer's headers", () => {
  it.each([
    ["a whole answer", "Hi", false, 200],
    ["a long answer", "long", false, 200],
    ["a refusal of the worker", "refuse", false, 422],
    ["a stream", "Hi", true, 200],
  ])("are all on %s", async (_name, content, isStream, status) => {
    const response = await ask(content, isStream);
    const { headers } = response;
    expect(response.status).toBe(status);
    expect(headers.get("access-control-allow-origin")).toBe(page);
    expect(headers.get("access-control-expose-headers")).toContain("x-request-id");
    expect(headers.get("vary")).toBe("Origin");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("openai-version")).toBe("2020-10-01");
    expect(headers.get("openai-processing-ms")).toMatch(/^\d+$/);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-type")).toMatch(isStream ? /^text\/event-stream/ : /^application\/json/);
    await response.text();
  });

  it.each([
    ["short", "Hi", completion("Hello, wörld 😀")],
    ["long", "long", long],
  ])("tell the length of a %s answer, whose bytes are the worker's", async (_name, content, sent) => {
    const response = await ask(content);
    expect(response.headers.get("content-length")).toBe(String(Buffer.byteLength(sent)));
    expect(await response.text()).toBe(sent);
  });
});

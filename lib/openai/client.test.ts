import OpenAI, {
  APIConnectionError,
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { AppError, type ErrorCode } from "@/lib/errors";
import type { Script } from "../controller/test-support";
import { completion, frame, politeWorker, startTestApi, type TestApi, usage } from "./test-support";

let api: TestApi;

afterEach(() => api.close());

async function clientOf(
  script: Script,
  options: Parameters<typeof startTestApi>[1] & { apiKey?: string } = {},
): Promise<OpenAI> {
  api = await startTestApi(script, options);
  return new OpenAI({ apiKey: options.apiKey ?? "any", baseURL: api.baseUrl, maxRetries: 0 });
}

const messages = [{ role: "user" as const, content: "Hi" }];

describe("the official client", () => {
  it("lists and retrieves models", async () => {
    const client = await clientOf(politeWorker);
    const models = await client.models.list();
    expect(models.data).toMatchObject([{ id: "demo", object: "model", owned_by: "tests" }]);
    expect(await client.models.retrieve("demo")).toMatchObject({ id: "demo" });
  });

  it("chats, and the worker gets the body byte for byte", async () => {
    const client = await clientOf(politeWorker);
    const { data, response, request_id } = await client.chat.completions
      .create({ model: "demo", messages, seed: 7, temperature: 0.5 })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe("Hello, wörld 😀");
    expect(data.usage).toEqual(usage);
    expect(api.worker.requests[0]?.body).toBe(
      JSON.stringify({ model: "demo", messages, seed: 7, temperature: 0.5 }),
    );
    expect(request_id).toBe(api.worker.requests[0]?.headers["x-request-id"]);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(Number(response.headers.get("openai-processing-ms"))).toBeGreaterThanOrEqual(0);
  });

  it("streams, with the usage at the end", async () => {
    const client = await clientOf(politeWorker);
    const { data: stream, response } = await client.chat.completions
      .create({ model: "demo", messages, stream: true, stream_options: { include_usage: true } })
      .withResponse();
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    expect(response.headers.get("x-request-id")).toBe(api.worker.requests[0]?.headers["x-request-id"]);
    let text = "";
    let last: unknown = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      last = chunk.usage;
    }
    expect(text).toBe("Hello, wörld 😀");
    expect(last).toEqual(usage);
  });

  it("raises its error classes as OpenAI would make it", async () => {
    const client = await clientOf(politeWorker, { keys: ["key-1", "key-2"], apiKey: "key-2" });
    const notFound = client.chat.completions.create({ model: "gpt-none", messages });
    await expect(notFound).rejects.toThrow(NotFoundError);
    await expect(notFound).rejects.toMatchObject({
      code: "model_not_found",
      message: "404 The model `gpt-none` does not exist or you do not have access to it.",
      requestID: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    await expect(client.models.retrieve("org/none")).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
      message: "404 The model 'org/none' does not exist",
    });
    const wrongType = client.chat.completions.create({ model: "demo", messages: "Hi" as never });
    await expect(wrongType).rejects.toThrow(BadRequestError);
    await expect(wrongType).rejects.toMatchObject({ param: "messages", type: "invalid_request_error" });
    await expect(client.post("/nothing")).rejects.toThrow(NotFoundError);
    const stranger = new OpenAI({ apiKey: "key-3", baseURL: api.baseUrl, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toThrow(AuthenticationError);
  });

  it.each<[ErrorCode, new (...args: never[]) => Error, string]>([
    ["rate_limited", RateLimitError, "rate_limit_exceeded"],
    ["forbidden", PermissionDeniedError, "forbidden"],
    ["model_not_found", NotFoundError, "model_not_found"],
  ])("raises its class for a caller who is refused with %s", async (code, expected, told) => {
    const accounting = {
      begin: () => {
        throw new AppError(code);
      },
    };
    const client = await clientOf(politeWorker, { accounting });
    const refused = client.chat.completions.create({ model: "demo", messages });
    await expect(refused).rejects.toThrow(expected);
    await expect(refused).rejects.toMatchObject({ code: told });
  });

  it("gets the worker's own 400", async () => {
    const error = {
      message: "logit_bias is not supported.",
      type: "invalid_request_error",
      param: "logit_bias",
    };
    const client = await clientOf((response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { ...error, code: "unsupported_parameter" } }));
    });
    const refused = client.chat.completions.create({ model: "demo", messages, logit_bias: { "1": 1 } });
    await expect(refused).rejects.toThrow(BadRequestError);
    await expect(refused).rejects.toMatchObject({ param: "logit_bias", code: "unsupported_parameter" });
  });

  it("retries by itself what may be retried, and succeeds", async () => {
    await clientOf((response, request, number) => {
      if (number === 1) response.writeHead(503, { "retry-after": "0" }).end();
      else politeWorker(response, request, number);
    });
    const patient = new OpenAI({ apiKey: "any", baseURL: api.baseUrl, maxRetries: 1 });
    const answer = await patient.chat.completions.create({ model: "demo", messages });
    expect(answer.choices[0]?.message.content).toBe("Hello, wörld 😀");
  });

  it("learns of a worker that fails", async () => {
    const client = await clientOf((response) => response.writeHead(500).end("{}"));
    const failed = client.chat.completions.create({ model: "demo", messages });
    await expect(failed).rejects.toThrow(InternalServerError);
    await expect(failed).rejects.toMatchObject({ status: 502, code: "upstream_failed" });
  });

  it("learns of a worker that dies in the middle of a stream, after all that was written before", async () => {
    const client = await clientOf((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(frame("Hello"));
      // Half a frame: it must not be glued to the error.
      setImmediate(() =>
        response.write(frame(", world").slice(0, 30), () => response.socket?.resetAndDestroy()),
      );
    });
    const stream = await client.chat.completions.create({ model: "demo", messages, stream: true });
    let text = "";
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    })();
    await expect(reading).rejects.toThrow(APIError);
    await expect(reading).rejects.toMatchObject({ code: "upstream_failed" });
    expect(text).toBe("Hello");
    expect(api.controller.workers()[0]?.outstanding).toBe(0);
  });

  it("learns of a worker that dies in the middle of an answer that is no stream", async () => {
    const client = await clientOf((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(completion("Hello").slice(0, 20), () =>
        setImmediate(() => response.socket?.resetAndDestroy()),
      );
    });
    const failed = client.chat.completions.create({ model: "demo", messages });
    await expect(failed).rejects.toMatchObject({ status: 502, code: "upstream_failed" });
    expect(api.controller.workers()[0]?.outstanding).toBe(0);
  });

  it("learns of a worker that stalls", async () => {
    const client = await clientOf(
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(frame("Hello"));
      },
      { upstreamTimeoutMs: 200 },
    );
    const stream = await client.chat.completions.create({ model: "demo", messages, stream: true });
    const reading = (async () => {
      for await (const chunk of stream) expect(chunk.choices[0]?.delta.content).toBe("Hello");
    })();
    await expect(reading).rejects.toMatchObject({ code: "upstream_timeout" });
  });

  it("aborts before the first byte: the worker's request ends and its place is free", async () => {
    const abort = new AbortController();
    const client = await clientOf(() => abort.abort());
    const aborted = client.chat.completions.create({ model: "demo", messages }, { signal: abort.signal });
    await expect(aborted).rejects.toThrow(APIUserAbortError);
    await expect.poll(() => api.worker.open.size).toBe(0);
    await expect
      .poll(() => api.log)
      .toMatchObject([{ status: 499, outcome: "client_gone", firstByteMs: null }]);
    expect(api.controller.workers()[0]).toMatchObject({ outstanding: 0, health: "healthy" });
  });

  it("aborts in the middle of a stream: only this one ends", async () => {
    const client = await clientOf((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(frame("Hello"));
    });
    const create = () => client.chat.completions.create({ model: "demo", messages, stream: true });
    const [stream, sibling] = [await create(), await create()];
    expect(api.controller.workers()[0]?.outstanding).toBe(2);
    for await (const chunk of stream) {
      expect(chunk.choices[0]?.delta.content).toBe("Hello");
      stream.controller.abort();
    }
    await expect.poll(() => api.worker.open.size).toBe(1);
    expect(api.controller.workers()[0]?.outstanding).toBe(1);
    sibling.controller.abort();
    await expect.poll(() => api.controller.workers()[0]?.outstanding).toBe(0);
    await expect.poll(() => api.log.map(({ outcome }) => outcome)).toEqual(["client_gone", "client_gone"]);
  });

  it("cannot connect to a server that has stopped", async () => {
    const client = await clientOf(politeWorker);
    await api.close();
    await expect(client.models.list()).rejects.toThrow(APIConnectionError);
  });
});

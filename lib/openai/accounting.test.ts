import { afterEach, describe, expect, it } from "vitest";
import type { AccountedRequest, RequestAccounting, RequestResult } from "@/lib/accounts";
import { AppError } from "@/lib/errors";
import { errorOf, frame, politeWorker, startTestApi, type TestApi, usage } from "./test-support";

let api: TestApi;

afterEach(() => api.close());

const chat = { model: "demo", messages: [{ role: "user", content: "Hi" }] };

describe("accounting", () => {
  function ledger(): { accounting: RequestAccounting; begun: AccountedRequest[]; settled: RequestResult[] } {
    const begun: AccountedRequest[] = [];
    const settled: RequestResult[] = [];
    const accounting: RequestAccounting = {
      begin: (_caller, request) => {
        begun.push(request);
        return {
          headers: { "x-ratelimit-remaining-requests": "41" },
          settle: (result) => settled.push(result),
        };
      },
    };
    return { accounting, begun, settled };
  }

  it.each([
    ["whole", chat],
    ["streamed", { ...chat, stream: true }],
    ["streamed with its usage", { ...chat, stream: true, stream_options: { include_usage: true } }],
  ])("counts an answer that is %s once, exactly, and shows the limits", async (_name, body) => {
    const { accounting, begun, settled } = ledger();
    api = await startTestApi(politeWorker, { accounting });
    const answer = await api.post("/chat/completions", { ...body, max_tokens: 100, n: 2 });
    expect(answer.headers["x-ratelimit-remaining-requests"]).toBe("41");
    const bytes = Buffer.byteLength(api.worker.requests[0]?.body ?? "");
    expect(begun).toEqual([
      {
        model: "demo",
        endpoint: "chat",
        requestId: expect.any(String),
        estimatedTokens: Math.ceil(bytes / 4) + 200,
      },
    ]);
    expect(settled).toEqual([
      {
        status: 200,
        outcome: "complete",
        promptTokens: usage.prompt_tokens,
        completionTokens: usage.completion_tokens,
        queueWaitMs: expect.any(Number),
        firstByteMs: expect.any(Number),
        totalMs: expect.any(Number),
        workerId: api.workerId,
      },
    ]);
  });

  it("gives the client of a stream exactly what it would have got without being counted", async () => {
    api = await startTestApi(politeWorker);
    const { text } = await api.post("/chat/completions", { ...chat, stream: true });
    expect(text).toBe(`${["Hello", ", wörld", " 😀"].map((part) => frame(part)).join("")}data: [DONE]\n\n`);
  });

  it("measures the time between the pieces of a stream", async () => {
    const pieces = ["", "a", "b", "c"].map((content) => frame(content));
    api = await startTestApi((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      // Each goes when the one before has left, and in a turn of its own, so that no two are read as one piece.
      const next = (): void => {
        const piece = pieces.shift();
        if (piece === undefined) response.end("data: [DONE]\n\n");
        else response.write(piece, () => setImmediate(next));
      };
      next();
    });
    await api.post("/chat/completions", { ...chat, stream: true });
    const count = /arena_api_inter_token_seconds_count (\d+)/.exec(await api.metrics.metrics())?.[1];
    // The machine may still join some of them.
    expect(Number(count)).toBeGreaterThanOrEqual(1);
    expect(Number(count)).toBeLessThanOrEqual(5);
  });

  it("counts a stream that the client left: the frames that went by", async () => {
    const { accounting, settled } = ledger();
    api = await startTestApi(
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(frame("") + frame("a") + frame("b"));
      },
      { accounting },
    );
    const abort = new AbortController();
    const asked = { ...chat, stream: true };
    const answer = await api.ask("/chat/completions", asked, { signal: abort.signal });
    await answer.body?.getReader().read();
    abort.abort();
    await expect
      .poll(() => settled)
      .toMatchObject([
        { status: 499, outcome: "client_gone", completionTokens: 2, promptTokens: expect.any(Number) },
      ]);
  });

  it("charges nothing for a request that its client took out of the line", async () => {
    const { accounting, settled } = ledger();
    api = await startTestApi(
      (response) => response.writeHead(200, { "content-type": "text/event-stream" }).write(frame("a")),
      { accounting },
    );
    const asked = { ...chat, stream: true, max_tokens: 4_000 };
    const ask = (signal: AbortSignal) => api.ask("/chat/completions", asked, { signal });
    const running = new AbortController();
    // As many as the worker takes, its own line included.
    const held = await Promise.all(Array.from({ length: 5 }, () => ask(running.signal)));
    const waiting = new AbortController();
    const waits = expect(ask(waiting.signal)).rejects.toThrow();
    await expect.poll(() => api.controller.queue().batch).toBe(1);
    waiting.abort();
    await waits;
    await expect
      .poll(() => settled)
      .toMatchObject([{ status: 499, outcome: "client_gone", promptTokens: 0, completionTokens: 0 }]);
    running.abort();
    await Promise.allSettled(held.map((answer) => answer.text()));
  });

  it("charges what was reserved where a client leaves a worker before its first byte, and shows the same", async () => {
    const { accounting, begun, settled } = ledger();
    api = await startTestApi(() => undefined, { accounting });
    const abort = new AbortController();
    const { signal } = abort;
    const asked = expect(
      api.ask("/chat/completions", { ...chat, max_tokens: 100 }, { signal }),
    ).rejects.toThrow();
    await expect.poll(() => api.worker.requests).toHaveLength(1);
    abort.abort();
    await asked;
    await expect.poll(() => settled).toMatchObject([{ status: 499, completionTokens: 100 }]);
    const { promptTokens = 0, completionTokens = 0 } = settled[0] ?? {};
    expect(promptTokens + completionTokens).toBe(begun[0]?.estimatedTokens);
  });

  it("shows as used what it charges for an answer that tells no usage", async () => {
    const { accounting, begun, settled } = ledger();
    api = await startTestApi(
      (response) => response.writeHead(200, { "content-type": "application/json" }).end("{}"),
      { accounting },
    );
    await api.post("/chat/completions", { ...chat, max_tokens: 7 });
    expect(settled).toMatchObject([{ status: 200, completionTokens: 7 }]);
    expect((settled[0]?.promptTokens ?? 0) + 7).toBe(begun[0]?.estimatedTokens);
  });

  it("settles what fails, with no tokens", async () => {
    const { accounting, settled } = ledger();
    api = await startTestApi((response) => response.writeHead(500).end("{}"), { accounting });
    expect((await api.post("/chat/completions", chat)).status).toBe(502);
    expect((await api.post("/chat/completions", { ...chat, model: "none" })).status).toBe(404);
    expect(settled).toMatchObject([
      { status: 502, outcome: "upstream_failed" },
      { status: 404, outcome: "model_not_found" },
    ]);
    expect(settled[0]?.promptTokens).toBeUndefined();
  });

  it.each([
    ["requestsPerMinute", "requests"],
    ["tokensPerDay", "tokens"],
    ["modelTokensPerMinute", "tokens"],
    ["maxConcurrent", "requests"],
  ])("refuses a caller over %s by that name, and no worker is asked", async (limit, type) => {
    const accounting: RequestAccounting = {
      begin: () => {
        const rateLimitHeaders = { "x-ratelimit-remaining-requests": "0" };
        throw new AppError("rate_limited", { details: { retryAfterSeconds: 17, limit, rateLimitHeaders } });
      },
    };
    api = await startTestApi(politeWorker, { accounting });
    const answer = await api.post("/chat/completions", chat);
    expect(answer.status).toBe(429);
    expect(errorOf(answer)).toEqual({
      ...{ type, limit, code: "rate_limit_exceeded", param: null },
      message: expect.any(String),
    });
    expect(answer.headers).toMatchObject({
      "retry-after": "17",
      "x-ratelimit-limit-name": limit,
      "x-ratelimit-remaining-requests": "0",
    });
    expect(api.worker.requests).toEqual([]);
  });
});

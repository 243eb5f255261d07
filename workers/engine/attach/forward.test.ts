import { afterEach, describe, expect, it, vi } from "vitest";
import { testSecret } from "../../http/test-support";
import { busyMachine, eventually } from "../../test-support";
import { chat, closeAll, front, key, odd, POST, post, stream, writeStream } from "./test-front";
import { type Route, status } from "./test-support";

vi.setConfig(busyMachine);
afterEach(closeAll);

describe("bytes", () => {
  it("reach the engine as they came, with the engine's key and not the worker's secret", async () => {
    const { server, upstream } = await front({ [POST]: { ok: true } }, { apiKey: key });
    const body = `${odd}"model" :"model-x" }\r\n`;
    await post(server, body);
    const seen = upstream.seen.at(-1);
    expect(seen?.body.equals(Buffer.from(body))).toBe(true);
    expect(seen?.headers).toMatchObject({
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "accept-encoding": "identity",
      "x-request-id": expect.any(String),
    });
    expect(JSON.stringify(seen?.headers)).not.toContain(testSecret);
  });

  it("differ in nothing but the name where the engine has another one", async () => {
    const models = [{ upstream: "model-x", publicName: "public" }];
    const { server, upstream } = await front({ [POST]: { ok: true } }, { models });
    await post(server, `${odd}"model" : "public" ,"user":"public"}`);
    expect(upstream.seen.at(-1)?.body.toString()).toBe(`${odd}"model" : "model-x" ,"user":"public"}`);
  });

  it("come back as they are, whole and as a stream, broken characters included", async () => {
    const whole = Buffer.concat([
      Buffer.from(`${odd}"model":"another","bad":"`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]);
    const events = [
      ": hello\n\n",
      'data: {"model":"model-x"',
      Buffer.from([0xe4]),
      Buffer.from([0xb8, 0xad]),
      "}\r\n\r\ndata: [DONE]\n\n",
    ];
    const { server } = await front({
      [POST]: ({ body }, response) => {
        if (body.includes('"stream":true')) writeStream(response, events);
        else
          response
            .writeHead(200, { "content-type": "application/json", "content-length": whole.length })
            .end(whole);
      },
    });
    const answer = await post(server, chat());
    expect(answer.headers.get("content-length")).toBe(String(whole.length));
    expect(Buffer.from(await answer.arrayBuffer()).equals(whole)).toBe(true);
    const streamed = await post(server, chat({ stream: true }));
    expect(streamed.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const expected = Buffer.concat(events.map((event) => Buffer.from(event as string)));
    expect(Buffer.from(await streamed.arrayBuffer()).equals(expected)).toBe(true);
  });

  it("name the public model where names differ, in answers and refusals", async () => {
    const models = [{ upstream: "model-x", publicName: "public" }];
    const { server, upstream } = await front(
      { [POST]: { id: "1", model: "model-x-0613", x: 1 } },
      { models },
    );
    const body = () => chat({ model: "public" });
    expect(await (await post(server, body())).text()).toBe('{"id":"1","model":"public","x":1}');
    upstream.routes[POST] = stream('data: {"mod', 'el":"model-', 'x-0613","y":1}\n\n', "data: [DONE]\n\n");
    expect(await (await post(server, body())).text()).toBe(
      'data: {"model":"public","y":1}\n\ndata: [DONE]\n\n',
    );
    upstream.routes[POST] = status(400, { error: { message: "model-x has 8 tokens" } });
    const refused = await post(server, body());
    expect([refused.status, await refused.text()]).toEqual([
      400,
      '{"error":{"message":"public has 8 tokens"}}',
    ]);
  });
});

describe("a request", () => {
  it.each([
    ["without JSON", "{", 400, "invalid_json", null],
    ["without a body", "", 400, "invalid_json", null],
    ["without a model", '{"messages":[]}', 400, "invalid_request", "model"],
    ["with two models", '{"model":"model-x","model":"other"}', 400, "invalid_request", "model"],
    [
      "with another case, as Go reads it",
      '{"model":"model-x","MODEL":"other"}',
      400,
      "invalid_request",
      "model",
    ],
    ["with a number for a model", '{"model":1}', 400, "invalid_request", "model"],
    ["for another model", '{"model":"other"}', 404, "model_not_found", "model"],
    ["with tools", chat({ tools: [{}] }), 400, "unsupported_parameter", "tools"],
    ["with logprobs", chat({ logprobs: true }), 400, "unsupported_parameter", "logprobs"],
    [
      "with a schema",
      chat({ response_format: { type: "json_object" } }),
      400,
      "unsupported_parameter",
      "response_format",
    ],
  ])("%s is refused by name, and the engine not asked", async (_name, body, code, error, param) => {
    const { server, upstream } = await front({ [POST]: { ok: true } }, { capabilities: ["chat"] });
    const response = await post(server, body);
    expect(response.status).toBe(code);
    expect(await response.json()).toMatchObject({ error: { code: error, param } });
    expect(upstream.seen.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("may name what it does not ask for", async () => {
    const { server } = await front({ [POST]: { ok: true } }, { capabilities: ["chat"] });
    const neutral = { tools: [], logprobs: false, top_logprobs: null, response_format: { type: "text" } };
    expect((await post(server, chat(neutral))).status).toBe(200);
  });

  it("for an endpoint that the model is not for is refused", async () => {
    const { server } = await front({}, { capabilities: ["chat"] });
    for (const path of ["/v1/embeddings", "/v1/completions"]) {
      const response = await post(server, chat(), undefined, path);
      expect(await response.json()).toMatchObject({
        error: { code: "unsupported_parameter", param: "model" },
      });
    }
  });

  it("counts as load while the engine does not tell, and its end frees the slot", async () => {
    let finish: () => void = () => undefined;
    const { server, engine } = await front({
      [POST]: (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
        finish = () => response.end("data: [DONE]\n\n");
      },
    });
    const response = await post(server, chat());
    expect(engine.status()).toEqual({ busySlots: 1, queued: 0, tokensPerSecond: null });
    finish();
    await response.text();
    expect(engine.status().busySlots).toBe(0);
  });

  it("is aborted at the engine when its client goes, before the answer and within it", async () => {
    const gone: string[] = [];
    const { server, engine, upstream } = await front({
      [POST]: ({ body }, response) => {
        const isStream = body.includes('"stream":true');
        response.once("close", () => gone.push(isStream ? "stream" : "whole"));
        if (isStream) response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      },
    });
    const one = new AbortController();
    const waiting = post(server, chat(), one.signal);
    await eventually(() => upstream.seen.some(({ method }) => method === "POST")).toBe(true);
    one.abort();
    await expect(waiting).rejects.toThrow();
    await eventually(() => gone).toEqual(["whole"]);
    const two = new AbortController();
    await post(server, chat({ stream: true }), two.signal);
    two.abort();
    await eventually(() => gone).toEqual(["whole", "stream"]);
    await eventually(() => engine.status().busySlots).toBe(0);
  });
});

describe("a slow reader", () => {
  it("holds the engine up instead of growing memory", async () => {
    let sent = 0;
    const flood: Route = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const more = (): void => {
        while (!response.destroyed && response.write(`data: ${"x".repeat(10_000)}\n\n`)) sent += 10_000;
      };
      response.on("drain", more);
      more();
    };
    const { server, engine } = await front({ [POST]: flood });
    const abort = new AbortController();
    await post(server, chat(), abort.signal);
    const counts: number[] = [];
    const hasStopped = (): boolean => {
      counts.push(sent);
      return counts.at(-1) === counts.at(-2);
    };
    await expect.poll(hasStopped, { interval: 100, timeout: 20_000 }).toBe(true);
    // What two pairs of sockets hold; without limit it would go on.
    expect(sent).toBeLessThan(40_000_000);
    abort.abort();
    await eventually(() => engine.status().busySlots).toBe(0);
  });
});

describe("an engine that fails", () => {
  it.each<[string, Route, number, string]>([
    [
      "refuses our key",
      status(401, { error: { message: `Incorrect API key: ${key}` } }),
      502,
      "upstream_failed",
    ],
    ["forbids", status(403), 502, "upstream_failed"],
    [
      "moves",
      status(307, "", { location: "http://127.0.0.1:9/v1/chat/completions" }),
      502,
      "upstream_failed",
    ],
    ["breaks", status(500, "<html>", { "content-type": "text/html" }), 502, "upstream_failed"],
    ["sends a page with 200", status(200, "<html>", { "content-type": "text/html" }), 502, "upstream_failed"],
    ["sends nothing with 200", status(200, ""), 502, "upstream_failed"],
    ["packs its answer", status(200, "x", { "content-encoding": "gzip" }), 502, "upstream_failed"],
    ["resets", (_request, response) => response.destroy(), 503, "no_worker_available"],
    [
      "sends half of a head",
      (_request, response) => response.socket?.end("HTTP/1.1 200 O"),
      503,
      "no_worker_available",
    ],
  ])("is no fault of the client when it %s", async (_name, route, code, error) => {
    const { server, engine } = await front({ [POST]: route }, { apiKey: key });
    const response = await post(server, chat());
    const text = await response.text();
    expect(response.status).toBe(code);
    expect(JSON.parse(text)).toMatchObject({ error: { code: error, message: expect.any(String) } });
    expect(text).not.toContain(key);
    expect(engine.status().busySlots).toBe(0);
  });

  it("is busy for as long as it says", async () => {
    const { server, upstream } = await front({ [POST]: status(429, {}, { "retry-after": "7" }) });
    const limited = await post(server, chat());
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
    upstream.routes[POST] = status(503, "<html>", { "retry-after": "3" });
    const busy = await post(server, chat());
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "3"]);
    expect(await busy.json()).toMatchObject({ error: { code: "no_worker_available" } });
  });

  it("is given up when it is too slow, before and within an answer", async () => {
    const { server, upstream } = await front({ [POST]: () => undefined }, { answerTimeoutMs: 50 });
    const slow = await post(server, chat());
    expect([slow.status, await slow.json()]).toMatchObject([504, { error: { code: "upstream_timeout" } }]);
    upstream.routes[POST] = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    };
    expect(await (await post(server, chat())).text()).toMatch(
      /^data: 1\n\nevent: error\ndata: .*"code":"upstream_timeout".*\n\n$/,
    );
  });

  it("within a stream ends it with an error and no [DONE]; within an event it can only be cut", async () => {
    const cut =
      (text: string, contentType = "text/event-stream"): Route =>
      (_request, response) => {
        response.writeHead(200, { "content-type": contentType });
        response.write(text, () => response.destroy());
      };
    const { server, upstream } = await front({ [POST]: cut("data: 1\n\n") });
    expect(await (await post(server, chat())).text()).toMatch(
      /^data: 1\n\nevent: error\ndata: .*"code":"upstream_failed".*\n\n$/,
    );
    for (const route of [cut('data: {"a'), cut('{"a', "application/json")]) {
      upstream.routes[POST] = route;
      await expect((await post(server, chat())).text()).rejects.toThrow("terminated");
    }
  });

  it("hands its own refusal on", async () => {
    const body =
      '{"error": {"message":"too long: 9\u2028", "type":"invalid_request_error","code":"context_length_exceeded"}}';
    const { server } = await front({ [POST]: status(400, body) });
    const response = await post(server, chat());
    expect([response.status, await response.text()]).toEqual([400, body]);
  });
});

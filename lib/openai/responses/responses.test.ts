import OpenAI, { BadRequestError } from "openai";
import { afterEach, describe, expect, it } from "vitest";
import type { Script } from "../../controller/test-support";
import { completion, frame, politeWorker, startTestApi, type TestApi, usage } from "../test-support";

let api: TestApi;

afterEach(() => api.close());

async function clientOf(script: Script): Promise<OpenAI> {
  api = await startTestApi(script);
  return new OpenAI({ apiKey: "any", baseURL: api.baseUrl, maxRetries: 0 });
}

const asked = (): Record<string, unknown> => JSON.parse(api.worker.requests.at(-1)?.body ?? "null");

const call = (index: number, fields: object) =>
  frame("").replace(
    '"delta":{"content":""}',
    `"delta":${JSON.stringify({ tool_calls: [{ index, ...fields }] })}`,
  );
const finish = (reason: string) => frame("").replace('"finish_reason":null', `"finish_reason":"${reason}"`);
const streaming =
  (...frames: string[]): Script =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end([...frames, frame(null), "data: [DONE]\n\n"].join(""));
  };

describe("an answer in an engine's own words", () => {
  const asked = { model: "demo", input: "x" };
  const own = (json: string): string =>
    json
      .replace('"finish_reason":"stop"', '"finish_reason":"abort","stop_reason":null')
      .replace('"content":"Hi"}', '"content":"Hi","tool_calls":null,"reasoning_content":null}')
      .replace('"total_tokens":5}', '"total_tokens":5,"prompt_tokens_details":null}');

  it("is a response all the same: whole", async () => {
    const client = await clientOf((response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(own(completion("Hi")));
    });
    const response = await client.responses.create(asked);
    expect(response).toMatchObject({ status: "completed", output_text: "Hi", usage: { input_tokens: 3 } });
  });

  it("is a response all the same: streamed", async () => {
    const last = frame(null).replace('"total_tokens":5}', '"total_tokens":5,"prompt_tokens_details":null}');
    const client = await clientOf((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const ping = 'data: {"object":"ping"}\n\n';
      response.end([frame("Hi"), ping, finish("abort"), last, "data: [DONE]\n\n"].join(""));
    });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of await client.responses.create({ ...asked, stream: true })) events.push(event);
    expect(events.at(-1)).toMatchObject({
      type: "response.completed",
      response: { status: "completed", usage: { output_tokens: 2 } },
    });
  });
});

describe("a response's request as a chat", () => {
  it("has the conversation, the tools and the format under the chat's names", async () => {
    const client = await clientOf(politeWorker);
    const parameters = { type: "object", properties: {} };
    await client.responses.create({
      model: "demo",
      instructions: "Be brief.",
      input: [
        { role: "user", content: "Weather?" },
        { type: "reasoning", id: "rs_1", summary: [] },
        {
          type: "message",
          id: "m",
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: "Hm.", annotations: [] }],
        },
        { type: "function_call", call_id: "c1", name: "weather", arguments: "{}" },
        { type: "function_call", call_id: "c2", name: "weather", arguments: "{}" },
        { type: "function_call_output", call_id: "c1", output: "sun" },
        { type: "function_call_output", call_id: "c2", output: [{ type: "input_text", text: "rain" }] },
        { role: "developer", content: [{ type: "input_text", text: "Go on." }] },
      ],
      tools: [{ type: "function", name: "weather", parameters, strict: true }],
      tool_choice: { type: "function", name: "weather" },
      text: { format: { type: "json_schema", name: "answer", schema: parameters, strict: true } },
      max_output_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      parallel_tool_calls: false,
      metadata: { a: "b" },
      store: false,
      include: ["message.output_text.logprobs"],
      // @ts-expect-error: not OpenAI's; it passes to the engine.
      top_k: 3,
    });
    const toolCall = (id: string) => ({
      id,
      type: "function",
      function: { name: "weather", arguments: "{}" },
    });
    expect(asked()).toEqual({
      model: "demo",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Weather?" },
        {
          role: "assistant",
          content: [{ type: "text", text: "Hm." }],
          tool_calls: [toolCall("c1"), toolCall("c2")],
        },
        { role: "tool", tool_call_id: "c1", content: "sun" },
        { role: "tool", tool_call_id: "c2", content: "rain" },
        { role: "developer", content: [{ type: "text", text: "Go on." }] },
      ],
      tools: [{ type: "function", function: { name: "weather", parameters, strict: true } }],
      tool_choice: { type: "function", function: { name: "weather" } },
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", schema: parameters, strict: true },
      },
      max_completion_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      parallel_tool_calls: false,
      metadata: { a: "b" },
      logprobs: true,
      top_logprobs: 0,
      top_k: 3,
    });
  });

  it.each<[string, object]>([
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["conversation", { conversation: "conv_1" }],
    ["prompt", { prompt: { id: "p" } }],
    ["store", { store: true }],
    ["background", { background: true }],
    ["truncation", { truncation: "auto" }],
    ["max_tool_calls", { max_tool_calls: 1 }],
    ["include[0]", { include: ["file_search_call.results"] }],
    ["reasoning.summary", { reasoning: { summary: "auto" } }],
    ["tools[0].type", { tools: [{ type: "web_search" }] }],
    ["tool_choice.type", { tool_choice: { type: "file_search" } }],
    [
      "input[1].type",
      {
        input: [
          { role: "user", content: "x" },
          { type: "item_reference", id: "m" },
        ],
      },
    ],
    [
      "input[0].content[0].type",
      { input: [{ role: "user", content: [{ type: "input_file", file_id: "f" }] }] },
    ],
    [
      "input[0].output[0].type",
      { input: [{ type: "function_call_output", call_id: "c", output: [{ type: {} }] }] },
    ],
    ["stream_options.include_obfuscation", { stream: true, stream_options: { include_obfuscation: true } }],
  ])("refuses %s by name", async (param, fields) => {
    const client = await clientOf(politeWorker);
    const refused = client.responses.create({ model: "demo", input: "x", ...fields } as never);
    await expect(refused).rejects.toThrow(BadRequestError);
    await expect(refused).rejects.toMatchObject({ code: "unsupported_parameter", param });
    expect(api.worker.requests).toEqual([]);
  });

  it.each<[string, object]>([
    ["input[0].role", { input: [{ role: "robot", content: "x" }] }],
    ["input[0].content", { input: [{ role: "user" }] }],
    ["input[0].call_id", { input: [{ type: "function_call", name: "x", arguments: "" }] }],
    ["input[0].output", { input: [{ type: "function_call_output", call_id: "c", output: 5 }] }],
    ["tools[0].name", { tools: [{ type: "function" }] }],
    ["stream_options", { stream_options: {} }],
  ])("names what is wrong: %s", async (param, fields) => {
    const client = await clientOf(politeWorker);
    const refused = client.responses.create({ model: "demo", input: "x", ...fields } as never);
    await expect(refused).rejects.toMatchObject({ status: 400, code: "invalid_request", param });
  });

  it.each([
    ["max_completion_tokens", "max_output_tokens"],
    ["messages[1].content[0].type", "input[0].content[0].type"],
    ["messages.0.content", "instructions"],
    ["response_format.json_schema.schema.type", "text.format.schema.type"],
    ["tools.0.function.parameters", "tools.0.parameters"],
    ["reasoning_effort", "reasoning.effort"],
    ["top_k", "top_k"],
  ])("gets a worker's refusal of %s as one of %s", async (workers, param) => {
    const client = await clientOf((response) => {
      const error = {
        message: `${workers}: no`,
        type: "invalid_request_error",
        param: workers,
        code: "invalid_request",
      };
      response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error }));
    });
    const refused = client.responses.create({
      model: "demo",
      instructions: "x",
      input: [{ role: "user", content: "x" }],
    });
    await expect(refused).rejects.toMatchObject({ status: 400, param, message: `400 ${param}: no` });
  });
});

describe("a chat's answer as a response", () => {
  it("is one message with its usage, and repeats what was asked", async () => {
    const client = await clientOf(politeWorker);
    const response = await client.responses.create({ model: "demo", input: "Hi", metadata: { a: "b" } });
    expect(response).toMatchObject({
      object: "response",
      status: "completed",
      model: "demo",
      output_text: "Hello, wörld 😀",
      error: null,
      incomplete_details: null,
      store: false,
      metadata: { a: "b" },
      usage: { input_tokens: 3, output_tokens: 2, total_tokens: usage.total_tokens },
    });
    expect(response.output).toHaveLength(1);
    expect(api.log).toMatchObject([{ endpoint: "responses", promptTokens: 3, completionTokens: 2 }]);
  });

  it("is incomplete where the model was cut", async () => {
    const client = await clientOf((response) => {
      const cut = completion("Hel").replace('"finish_reason":"stop"', '"finish_reason":"length"');
      response.writeHead(200, { "content-type": "application/json" }).end(cut);
    });
    const response = await client.responses.create({ model: "demo", input: "Hi" });
    expect(response).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: [{ status: "incomplete" }],
    });
  });

  it("that is no chat completion is the worker's failure", async () => {
    const client = await clientOf((response) => {
      response.writeHead(200, { "content-type": "application/json" }).end('{"choices":5}');
    });
    await expect(client.responses.create({ model: "demo", input: "Hi" })).rejects.toMatchObject({
      status: 502,
      code: "upstream_failed",
    });
  });
});

describe("a stream of chunks as events", () => {
  const eventsOf = async (script: Script) => {
    const client = await clientOf(script);
    const stream = await client.responses.create({ model: "demo", input: "Hi", stream: true });
    const events = [];
    for await (const event of stream) events.push(event);
    return events;
  };

  it("tells of a text from its beginning to its end, in order", async () => {
    const events = await eventsOf(streaming(frame(""), frame("Hel"), frame("lo"), finish("stop")));
    expect(events.map(({ type }) => type)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.at(-1)).toMatchObject({
      response: {
        status: "completed",
        output: [{ content: [{ text: "Hello" }] }],
        usage: { output_tokens: 2 },
      },
    });
    expect(events[3]).toMatchObject({ output_index: 0, content_index: 0, part: { text: "" } });
    expect(asked()).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it("tells of a text and two calls as three items", async () => {
    const events = await eventsOf(
      streaming(
        frame("So:"),
        call(0, { id: "c1", function: { name: "weather", arguments: "" } }),
        call(0, { function: { arguments: '{"city":' } }),
        call(0, { function: { arguments: '"Paris"}' } }),
        call(1, { id: "c2", function: { name: "time", arguments: "{}" } }),
        finish("tool_calls"),
      ),
    );
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === "response.output_item.done")).toHaveLength(3);
    const done = events.filter((event) => event.type === "response.function_call_arguments.done");
    expect(done).toMatchObject([
      { output_index: 1, name: "weather", arguments: '{"city":"Paris"}' },
      { output_index: 2, name: "time", arguments: "{}" },
    ]);
    expect(events.at(-1)).toMatchObject({
      type: "response.completed",
      response: { output: [{ type: "message" }, { call_id: "c1", status: "completed" }, { call_id: "c2" }] },
    });
  });

  it("gathers to the same response in the client's own helper", async () => {
    const client = await clientOf(streaming(frame("Hel"), frame("lo"), finish("length")));
    const final = await client.responses.stream({ model: "demo", input: "Hi" }).finalResponse();
    expect(final).toMatchObject({ status: "incomplete", output_text: "Hello" });
  });

  it("fails with an error event and response.failed where the worker dies", async () => {
    const events = await eventsOf((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(frame("Hel"), () => setImmediate(() => response.socket?.resetAndDestroy()));
    });
    expect(events.slice(-2)).toMatchObject([
      { type: "error", code: "upstream_failed", param: null },
      {
        type: "response.failed",
        response: { status: "failed", error: { code: "server_error" }, output: [{ status: "incomplete" }] },
      },
    ]);
    expect(api.log).toMatchObject([{ outcome: "upstream_failed", completionTokens: 0 }]);
  });

  it.each<[string, string[]]>([
    [
      "tells of an error",
      [frame("Hel"), 'event: error\ndata: {"error":{"message":"It broke.","code":"upstream_failed"}}\n\n'],
    ],
    ["ends without a reason", [frame("Hel")]],
    ["writes what is no chunk", ['data: {"choices":5}\n\n']],
  ])("fails where the worker %s", async (_name, frames) => {
    const events = await eventsOf(streaming(...frames));
    expect(events.at(-1)).toMatchObject({ type: "response.failed", response: { status: "failed" } });
    await expect.poll(() => api.log).toMatchObject([{ outcome: expect.stringMatching(/_failed|internal/) }]);
  });
});

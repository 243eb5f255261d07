import OpenAI, {
  APIConnectionError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
} from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { faultsOf, type ShapeName } from "./openai-shapes/shapes";
import { type ClientSite, chatModel, smallModel, startClientSite } from "./start-site";

/** The official client against the bundled models, over real sockets. Every answer also has to have OpenAI's shape. */

let site: ClientSite;
let client: OpenAI;

beforeAll(async () => {
  site = await startClientSite();
  client = new OpenAI({ baseURL: site.baseURL, apiKey: "none", maxRetries: 0 });
});
afterAll(() => site.close());

const messages = [{ role: "user" as const, content: "Please work out 75 + 29." }];
const chat = { model: chatModel, messages, max_tokens: 24, seed: 7 };

const weather = {
  type: "object",
  properties: { city: { type: "string", enum: ["Paris", "London"] } },
  required: ["city"],
  additionalProperties: false,
};
const question = "What is the weather in Paris?";
const cityPattern = /^(Paris|London)$/;

/** What the server wrote, not what the client made of it. */
async function raw(path: string, body?: object): Promise<{ json: unknown; headers: Headers }> {
  const response = await fetch(site.baseURL + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { json: await response.json(), headers: response.headers };
}

describe("shapes", () => {
  const tools = [{ type: "function", function: { name: "weather", parameters: weather } }];
  it.each<[string, ShapeName, string, object | undefined]>([
    ["models", "modelList", "/models", undefined],
    ["a model", "model", `/models/${chatModel}`, undefined],
    ["a chat", "chatCompletion", "/chat/completions", chat],
    [
      "a chat with log-probabilities",
      "chatCompletion",
      "/chat/completions",
      { ...chat, logprobs: true, top_logprobs: 2 },
    ],
    [
      "a chat with a call",
      "chatCompletion",
      "/chat/completions",
      { ...chat, tools, tool_choice: "required", max_tokens: 64 },
    ],
    [
      "a completion",
      "completion",
      "/completions",
      { model: smallModel, prompt: "Once", max_tokens: 8, logprobs: 2 },
    ],
    ["embeddings", "embeddingList", "/embeddings", { model: smallModel, input: ["a", "b"] }],
    ["a response", "response", "/responses", { model: chatModel, input: "Hi", max_output_tokens: 8 }],
    ["an error", "error", "/chat/completions", { ...chat, n: "two" }],
    ["an error of a worker", "error", "/chat/completions", { ...chat, temperature: 9 }],
  ])("%s", async (_name, shape, path, body) => {
    const { json, headers } = await raw(path, body);
    expect(faultsOf(shape, json)).toEqual([]);
    expect(headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  });

  it("can be missed: the check is one", () => {
    expect(faultsOf("chatCompletion", { id: 5, choices: [{}] })).not.toEqual([]);
  });
});

describe("chat", () => {
  it("answers, the same for the same seed", async () => {
    const [first, second] = await Promise.all([
      client.chat.completions.create(chat),
      client.chat.completions.create(chat),
    ]);
    expect(first.choices[0]?.message.content).not.toBe("");
    expect(second.choices[0]?.message.content).toBe(first.choices[0]?.message.content);
  });

  it("streams the same text, in chunks of OpenAI's shape, without a usage that was not asked for", async () => {
    const whole = await client.chat.completions.create(chat);
    const stream = await client.chat.completions.create({ ...chat, stream: true });
    let text = "";
    for await (const chunk of stream) {
      expect(faultsOf("chatChunk", chunk)).toEqual([]);
      expect(chunk).not.toHaveProperty("usage");
      expect(chunk.choices).toHaveLength(1);
      text += chunk.choices[0]?.delta.content ?? "";
    }
    expect(text).toBe(whole.choices[0]?.message.content);
  });

  it("streams the usage where it is asked for", async () => {
    const stream = await client.chat.completions.create({
      ...chat,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    expect(chunks[0]).toMatchObject({ usage: null });
  });

  it("calls a tool through the client's runner, whose result comes back as a message", async () => {
    const asked: unknown[] = [];
    const runner = client.chat.completions.runTools(
      {
        model: chatModel,
        seed: 1,
        max_tokens: 96,
        messages: [{ role: "user", content: question }],
        tool_choice: { type: "function", function: { name: "weather" } },
        tools: [
          {
            type: "function",
            function: {
              name: "weather",
              description: "The weather of a city",
              parameters: weather,
              parse: JSON.parse,
              function: (parameters: unknown) => {
                asked.push(parameters);
                return "Sunny, 21 degrees.";
              },
            },
          },
        ],
      },
      { maxChatCompletions: 2 },
    );
    await runner.done();
    expect(asked).toEqual([{ city: expect.stringMatching(cityPattern) }]);
    expect(runner.messages).toContainEqual(
      expect.objectContaining({ role: "tool", content: "Sunny, 21 degrees." }),
    );
  });

  it("keeps to a zod schema", async () => {
    const schema = z.object({ city: z.enum(["Paris", "London"]), isWarm: z.boolean() });
    const { choices } = await client.chat.completions.parse({
      model: chatModel,
      messages: [{ role: "user", content: question }],
      response_format: zodResponseFormat(schema, "weather"),
      max_tokens: 96,
      seed: 3,
    });
    expect(schema.parse(choices[0]?.message.parsed)).toBeTruthy();
  });

  it("gives log-probabilities", async () => {
    const { choices } = await client.chat.completions.create({
      ...chat,
      max_tokens: 4,
      logprobs: true,
      top_logprobs: 3,
    });
    const content = choices[0]?.logprobs?.content ?? [];
    expect(content.length).toBeGreaterThan(0);
    for (const { logprob, top_logprobs } of content) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top_logprobs).toHaveLength(3);
    }
  });

  it("is aborted in the middle, and the next request is answered", async () => {
    const stream = await client.chat.completions.create({ ...chat, max_tokens: 256, stream: true });
    for await (const _chunk of stream) stream.controller.abort();
    const abort = new AbortController();
    abort.abort();
    const aborted = client.chat.completions.create(chat, { signal: abort.signal });
    await expect(aborted).rejects.toThrow(APIUserAbortError);
    expect((await client.chat.completions.create(chat)).choices).toHaveLength(1);
  });
});

describe("completions, embeddings, tokens", () => {
  it("goes on from a text, whole and streamed", async () => {
    const request = { model: smallModel, prompt: "Once upon a time", max_tokens: 8, seed: 1 };
    const whole = await client.completions.create(request);
    const stream = await client.completions.create({ ...request, stream: true });
    let text = "";
    for await (const chunk of stream) {
      expect(faultsOf("completion", chunk)).toEqual([]);
      text += chunk.choices[0]?.text ?? "";
    }
    expect(text).toBe(whole.choices[0]?.text);
  });

  it("gives vectors of length 1; the client asks for base64 by itself", async () => {
    const { data } = await client.embeddings.create({ model: smallModel, input: ["a cat", "a dog"] });
    expect(data.map(({ index }) => index)).toEqual([0, 1]);
    for (const { embedding } of data) expect(Math.hypot(...embedding)).toBeCloseTo(1, 4);
  });

  it("refuses embeddings of a chat model by name", async () => {
    const refused = client.embeddings.create({ model: chatModel, input: "x" });
    await expect(refused).rejects.toThrow(BadRequestError);
    await expect(refused).rejects.toMatchObject({ param: "model", code: "unsupported_parameter" });
  });

  it("counts tokens as a completion does", async () => {
    const input = "Hello, wörld";
    const { count, tokens } = await client.post<{ count: number; tokens: number[] }>("/tokenize", {
      body: { model: smallModel, input },
    });
    expect(tokens).toHaveLength(count);
    const { usage } = await client.completions.create({ model: smallModel, prompt: input, max_tokens: 1 });
    expect(usage?.prompt_tokens).toBe(count);
  });
});

describe("responses", () => {
  const request = {
    model: chatModel,
    input: "Please work out 75 + 29.",
    max_output_tokens: 24,
    seed: 7,
  } as const;

  it("has the text of the same chat", async () => {
    const [response, whole] = await Promise.all([
      client.responses.create(request),
      client.chat.completions.create(chat),
    ]);
    expect(response.output_text).toBe(whole.choices[0]?.message.content);
    expect(response.usage?.total_tokens).toBe(whole.usage?.total_tokens);
  });

  it("streams events of OpenAI's shape, numbered, that gather to the same response", async () => {
    const stream = client.responses.stream(request);
    let expected = 0;
    for await (const event of stream) {
      const { snapshot: _, ...sent } = event as typeof event & { snapshot?: string };
      expect(faultsOf("responseEvent", sent), event.type).toEqual([]);
      expect(event.sequence_number).toBe(expected);
      expected += 1;
    }
    const final = await stream.finalResponse();
    expect(final.output_text).toBe((await client.responses.create(request)).output_text);
  });

  it("calls a tool, and goes on with its result", async () => {
    const tools = [{ type: "function" as const, name: "weather", parameters: weather, strict: true }];
    const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: question }];
    const first = await client.responses.create({
      model: chatModel,
      input,
      tools,
      tool_choice: { type: "function", name: "weather" },
      max_output_tokens: 96,
    });
    const call = first.output.find((item) => item.type === "function_call");
    if (call === undefined) throw new Error("There is no function call.");
    expect(JSON.parse(call.arguments)).toEqual({ city: expect.stringMatching(cityPattern) });
    const second = await client.responses.create({
      model: chatModel,
      input: [
        ...input,
        ...first.output,
        { type: "function_call_output", call_id: call.call_id, output: "Sunny." },
      ] as OpenAI.Responses.ResponseInput,
      max_output_tokens: 24,
    });
    expect(second.output[0]?.type).toBe("message");
  });

  it("streams a call", async () => {
    const stream = client.responses.stream({
      model: chatModel,
      input: question,
      tools: [{ type: "function", name: "weather", parameters: weather, strict: true }],
      tool_choice: "required",
      max_output_tokens: 96,
    });
    let written = "";
    for await (const event of stream) {
      if (event.type === "response.function_call_arguments.delta") written += event.delta;
    }
    const [call] = (await stream.finalResponse()).output.filter((item) => item.type === "function_call");
    expect(written.startsWith(call?.arguments ?? "nothing")).toBe(true);
  });

  it("keeps to a zod schema", async () => {
    const schema = z.object({ city: z.enum(["Paris", "London"]) });
    const response = await client.responses.parse({
      model: chatModel,
      input: question,
      text: { format: zodTextFormat(schema, "city") },
      max_output_tokens: 64,
    });
    expect(schema.parse(response.output_parsed)).toBeTruthy();
  });

  it("refuses a memory, and a worker's refusal names the response's field", async () => {
    const remembered = client.responses.create({ ...request, previous_response_id: "resp_1" });
    await expect(remembered).rejects.toMatchObject({ status: 400, param: "previous_response_id" });
    const image = {
      type: "input_image" as const,
      image_url: "data:image/png;base64,AA==",
      detail: "auto" as const,
    };
    const seen = client.responses.create({ ...request, input: [{ role: "user", content: [image] }] });
    await expect(seen).rejects.toMatchObject({ status: 400, param: "input[0].content[0].type" });
  });
});

describe("errors", () => {
  it("are raised as OpenAI would make the client raise them", async () => {
    await expect(client.chat.completions.create({ ...chat, model: "none" })).rejects.toThrow(NotFoundError);
    await expect(client.models.retrieve("none")).rejects.toThrow(NotFoundError);
    const hot = client.chat.completions.create({ ...chat, temperature: 9 });
    await expect(hot).rejects.toThrow(BadRequestError);
    await expect(hot).rejects.toMatchObject({ param: "temperature" });
    const long = client.chat.completions.create({
      ...chat,
      messages: [{ role: "user", content: "word ".repeat(50_000) }],
    });
    await expect(long).rejects.toMatchObject({ status: 400, code: "context_length_exceeded" });
    const nowhere = new OpenAI({ baseURL: "http://127.0.0.1:1/v1", apiKey: "none", maxRetries: 0 });
    await expect(nowhere.models.list()).rejects.toThrow(APIConnectionError);
  });

  it("of a missing key", async () => {
    // Not from this machine by name, so a key would be needed.
    const url = new URL(site.baseURL);
    const stranger = new OpenAI({
      baseURL: site.baseURL,
      apiKey: "wrong",
      maxRetries: 0,
      defaultHeaders: { "x-forwarded-for": url.hostname },
    });
    await expect(stranger.models.list()).rejects.toThrow(AuthenticationError);
  });
});

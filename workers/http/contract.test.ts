import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Capability } from "@/lib/protocol";
import type { AttachEngine } from "../engine/attach";
import type { Engine } from "../engine/types";
import { busyMachine } from "../test-support";
import {
  attachedTo,
  demoEngine,
  listen,
  mockEngine,
  onnxEngine,
  type TestServer,
  testSecret,
} from "./test-support";

vi.setConfig(busyMachine);

/** What every engine promises to a client. The same cases run against each of them, through the official client. */
const engines: readonly (readonly [
  name: string,
  model: string,
  make: () => Engine,
  /** What it cannot do, and refuses by name. */
  lacks: readonly Capability[],
  /** Puts an attach engine between the client and the engine's own server. */
  attach: ((server: TestServer) => AttachEngine) | null,
])[] = [
  ["mock", "scripted", () => mockEngine("plain"), [], null],
  ["llama", "demo-13m", demoEngine, [], null],
  ["transformers", "demo-1m", onnxEngine, ["json", "tools"], null],
  ["attach over mock", "scripted", () => mockEngine("plain"), [], attachedTo],
  ["attach over llama", "demo-13m", demoEngine, [], attachedTo],
  [
    "attach under another name",
    "fronted",
    () => mockEngine("plain"),
    [],
    (server) => attachedTo(server, { models: [{ upstream: "scripted", publicName: "fronted" }] }),
  ],
];

describe.each(engines)("the contract of the %s engine", (_name, model, make, lacks, attach) => {
  const engine = make();
  let attached: { engine: AttachEngine; behind: TestServer } | null = null;
  let server: TestServer;
  let client: OpenAI;

  beforeAll(async () => {
    await engine.load();
    server = await listen(engine);
    if (attach !== null) {
      attached = { engine: attach(server), behind: server };
      await attached.engine.load();
      server = await listen(attached.engine);
    }
    client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: testSecret, maxRetries: 0 });
  });
  afterAll(async () => {
    await server.close(0);
    await attached?.engine.dispose();
    await attached?.behind.close(0);
    await engine.dispose();
  });

  const base = () => ({
    model,
    messages: [{ role: "user" as const, content: "What is 70 + 54?" }],
    temperature: 0,
    max_completion_tokens: 24,
  });

  it("offers what it can do, and nothing else", () => {
    const all: Capability[] = ["chat", "completion", "embedding", "tools", "json", "logprobs"];
    const offered =
      (attached?.engine ?? engine).models().find(({ name }) => name === model)?.capabilities ?? [];
    expect(new Set(offered)).toEqual(new Set(all.filter((capability) => !lacks.includes(capability))));
  });

  it("calls the model as the request does, whole and in each chunk", async () => {
    const whole = await client.chat.completions.create(base());
    const names = new Set([whole.model]);
    for await (const chunk of await client.chat.completions.create({ ...base(), stream: true })) {
      names.add(chunk.model);
    }
    expect([...names]).toEqual([model]);
  });

  describe("logit_bias", () => {
    it("keeps a banned token out", async () => {
      const plain = await client.chat.completions.create({ ...base(), logprobs: true });
      const first = plain.choices[0]?.logprobs?.content?.[0]?.token ?? "";
      const id = engine.tokenize(model, first)[0];
      const banned = await client.chat.completions.create({
        ...base(),
        logit_bias: { [String(id)]: -100 },
        logprobs: true,
      });
      expect(first).not.toBe("");
      expect(banned.choices[0]?.logprobs?.content?.map(({ token }) => token)).not.toContain(first);
    });
  });

  describe("n", () => {
    it("gives so many answers, whole, and counts the prompt once", async () => {
      const one = await client.chat.completions.create({ ...base(), temperature: 1, seed: 5 });
      const three = await client.chat.completions.create({ ...base(), temperature: 1, seed: 5, n: 3 });
      expect(three.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
      expect(three.choices[0]?.message.content).toBe(one.choices[0]?.message.content);
      expect(three.usage?.prompt_tokens).toBe(one.usage?.prompt_tokens);
      expect(three.usage?.completion_tokens).toBeGreaterThanOrEqual(3);
      expect(three.usage?.total_tokens).toBe(
        (three.usage?.prompt_tokens ?? 0) + (three.usage?.completion_tokens ?? 0),
      );
    });

    it("gives the same answers as a stream of interleaved choices", async () => {
      const request = { ...base(), temperature: 1, seed: 5, n: 3 };
      const whole = await client.chat.completions.create(request);
      const stream = client.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
      const order: number[] = [];
      stream.on("chunk", ({ choices }) => order.push(...choices.map(({ index }) => index)));
      const streamed = await stream.finalChatCompletion();
      const texts = (choices: typeof whole.choices) => choices.map(({ message }) => message.content);
      expect(texts(streamed.choices)).toEqual(texts(whole.choices));
      expect(streamed.usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
      // Not one answer after another.
      expect(order.indexOf(1)).toBeLessThan(order.lastIndexOf(0));
    });
  });

  describe("logprobs", () => {
    it("come with every token, the sampled one among the best of a greedy answer", async () => {
      const answer = await client.chat.completions.create({ ...base(), logprobs: true, top_logprobs: 5 });
      const [choice] = answer.choices;
      const content = choice?.logprobs?.content ?? [];
      expect(content.map(({ token }) => token).join("")).toBe(choice?.message.content);
      expect(content.length).toBeGreaterThan(0);
      for (const { token, logprob, bytes, top_logprobs: top } of content) {
        expect(Buffer.from(bytes ?? []).toString()).toBe(token);
        expect(top).toHaveLength(5);
        expect(top[0]?.token).toBe(token);
        expect(top[0]?.logprob).toBe(logprob);
        expect(logprob).toBeLessThanOrEqual(0);
        const values = top.map((entry) => entry.logprob);
        expect(values).toEqual(values.toSorted((a, b) => b - a));
        expect(values.reduce((sum, value) => sum + Math.exp(value), 0)).toBeLessThanOrEqual(1.0001);
      }
    });

    it("change nothing about the answer, and are the same in a stream", async () => {
      const request = { ...base(), temperature: 1, seed: 11 };
      const without = await client.chat.completions.create(request);
      const whole = await client.chat.completions.create({ ...request, logprobs: true, top_logprobs: 2 });
      const streamed = await client.chat.completions
        .stream({ ...request, logprobs: true, top_logprobs: 2 })
        .finalChatCompletion();
      expect(without.choices[0]?.logprobs).toBeNull();
      expect(whole.choices[0]?.message.content).toBe(without.choices[0]?.message.content);
      expect(streamed.choices[0]?.message.content).toBe(without.choices[0]?.message.content);
      const tokens = (choice: (typeof whole.choices)[0] | undefined) =>
        choice?.logprobs?.content?.map(({ token }) => token);
      expect(tokens(streamed.choices[0])).toEqual(tokens(whole.choices[0]));
    });
  });

  const parameters = {
    type: "object",
    properties: { a: { type: "integer" }, operation: { enum: ["plus", "minus"] } },
    required: ["a", "operation"],
    additionalProperties: false,
  };
  const tools = ["calculate", "weather"].map((name) => ({
    type: "function" as const,
    function: { name, description: "A tool.", parameters, strict: true },
  }));

  describe.runIf(lacks.length > 0)("what the engine lacks", () => {
    it.runIf(lacks.includes("json"))("refuses a response_format by name", async () => {
      await expect(
        client.chat.completions.create({ ...base(), response_format: { type: "json_object" } }),
      ).rejects.toMatchObject({ status: 400, code: "unsupported_parameter", param: "response_format" });
      const text = await client.chat.completions.create({ ...base(), response_format: { type: "text" } });
      expect(text.choices[0]?.message.content).not.toBe("");
    });

    it.runIf(lacks.includes("tools"))("refuses tools by name, unless none may be called", async () => {
      await expect(client.chat.completions.create({ ...base(), tools })).rejects.toMatchObject({
        status: 400,
        code: "unsupported_parameter",
        param: "tools",
      });
      const text = await client.chat.completions.create({ ...base(), tools, tool_choice: "none" });
      expect(text.choices[0]?.message.content).not.toBe("");
    });
  });

  describe.skipIf(lacks.includes("json"))("response_format", () => {
    const schema = {
      type: "object",
      properties: {
        kind: { enum: ["sum", "difference"] },
        operands: { type: "array", items: { type: "integer" }, minItems: 2, maxItems: 2 },
        note: { type: ["string", "null"], maxLength: 8 },
      },
      required: ["kind", "operands", "note"],
      additionalProperties: false,
    };

    it("json_schema: is kept to, at any temperature", async () => {
      for (const seed of [1, 2, 3]) {
        const answer = await client.chat.completions.create({
          ...base(),
          temperature: 1.5,
          seed,
          max_completion_tokens: 400,
          response_format: { type: "json_schema", json_schema: { name: "task", strict: true, schema } },
        });
        expect(answer.choices[0]?.finish_reason).toBe("stop");
        expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({
          kind: expect.stringMatching(/^(sum|difference)$/),
          operands: [expect.any(Number), expect.any(Number)],
          note: expect.toSatisfy((note) => note === null || (typeof note === "string" && note.length <= 8)),
        });
      }
    });

    it("json_object: begins an object, and a stream gives the same", async () => {
      const request = { ...base(), response_format: { type: "json_object" as const } };
      const whole = await client.chat.completions.create(request);
      const streamed = await client.chat.completions.stream(request).finalChatCompletion();
      expect(whole.choices[0]?.message.content).toMatch(/^\{/);
      expect(streamed.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    });

    it("refuses a keyword that it cannot keep to", async () => {
      const bad = { type: "object", properties: { a: { type: "string", pattern: "^a" } } };
      await expect(
        client.chat.completions.create({
          ...base(),
          response_format: { type: "json_schema", json_schema: { name: "x", schema: bad } },
        }),
      ).rejects.toMatchObject({
        status: 400,
        code: "unsupported_parameter",
        param: "response_format.json_schema.schema.properties.a.pattern",
      });
    });
  });

  describe.skipIf(lacks.includes("tools"))("tools", () => {
    const request = () => ({ ...base(), max_completion_tokens: 200, tools });
    const expectArguments = (text: string | undefined) =>
      expect(JSON.parse(text ?? "")).toEqual({
        a: expect.any(Number),
        operation: expect.stringMatching(/^(plus|minus)$/),
      });

    it("are called when named, with arguments that keep to the schema", async () => {
      const answer = await client.chat.completions.create({
        ...request(),
        tool_choice: { type: "function", function: { name: "weather" } },
      });
      const [choice] = answer.choices;
      expect(choice).toMatchObject({
        finish_reason: "tool_calls",
        message: { content: null, tool_calls: [{ type: "function", function: { name: "weather" } }] },
      });
      const call = choice?.message.tool_calls?.[0];
      expectArguments(call?.type === "function" ? call.function.arguments : undefined);
    });

    it("are called when required, and a stream gives the same", async () => {
      const required = { ...request(), tool_choice: "required" as const, parallel_tool_calls: false };
      const whole = await client.chat.completions.create(required);
      const streamed = await client.chat.completions.stream(required).finalChatCompletion();
      const calls = (completion: typeof whole) =>
        completion.choices[0]?.message.tool_calls?.map((call) =>
          call.type === "function" ? call.function : null,
        );
      expect(calls(whole)).toHaveLength(1);
      expect(calls(streamed)).toMatchObject(calls(whole) ?? []);
      expect(streamed.choices[0]?.finish_reason).toBe("tool_calls");
    });

    it("are not called with none", async () => {
      const answer = await client.chat.completions.create({ ...request(), tool_choice: "none" });
      expect(answer.choices[0]?.message.tool_calls).toBeUndefined();
    });

    it("may be called or not with auto, and their results are taken", async () => {
      const answer = await client.chat.completions.create({
        ...request(),
        messages: [
          { role: "user", content: "How much is 70 and 54?" },
          {
            role: "assistant",
            content: null,
            tool_calls: [
              {
                id: "call_1",
                type: "function",
                function: { name: "calculate", arguments: '{"a":70,"operation":"plus"}' },
              },
            ],
          },
          { role: "tool", tool_call_id: "call_1", content: "124" },
        ],
      });
      expect(["stop", "length", "tool_calls"]).toContain(answer.choices[0]?.finish_reason);
    });
  });

  describe("/v1/completions", () => {
    const raw = { model, temperature: 0, max_tokens: 8 };
    const prompt = "Once upon a time";

    it("continues a text, the same for its ids, with exact counts", async () => {
      const { tokens, count } = await tokenized(prompt);
      const text = await client.completions.create({ ...raw, prompt });
      const ids = await client.completions.create({ ...raw, prompt: tokens });
      expect(text.choices[0]?.text).not.toBe("");
      expect(ids.choices[0]?.text).toBe(text.choices[0]?.text);
      expect(text.usage).toMatchObject({
        prompt_tokens: count,
        completion_tokens: 8,
        total_tokens: count + 8,
      });
      expect(text.choices[0]?.finish_reason).toBe("length");
    });

    it("takes several prompts, each answered n times, whole and as a stream", async () => {
      const { tokens } = await tokenized(prompt);
      const alone = await client.completions.create({ ...raw, prompt });
      const request = { ...raw, prompt: [prompt, "Two and two"], n: 2 };
      const several = await client.completions.create(request);
      expect(several.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
      expect(several.choices[1]?.text).toBe(alone.choices[0]?.text);
      expect(several.usage?.completion_tokens).toBe(32);
      const texts = ["", "", "", ""];
      for await (const { choices } of await client.completions.create({ ...request, stream: true })) {
        for (const { index, text } of choices) texts[index] += text;
      }
      expect(texts).toEqual(several.choices.map(({ text }) => text));
      const byIds = await client.completions.create({ ...raw, prompt: [tokens, tokens] });
      expect(byIds.choices.map(({ text }) => text)).toEqual([texts[0], texts[0]]);
    });

    it("echoes a text or ids", async () => {
      const { tokens } = await tokenized(prompt);
      const plain = await client.completions.create({ ...raw, prompt });
      for (const given of [prompt, tokens]) {
        const echoed = await client.completions.create({ ...raw, prompt: given, echo: true });
        expect(echoed.choices[0]?.text).toBe(prompt + (plain.choices[0]?.text ?? ""));
      }
    });

    it("gives logprobs in their older form, offsets included", async () => {
      const { choices } = await client.completions.create({ ...raw, prompt, logprobs: 2 });
      const [choice] = choices;
      const {
        tokens = [],
        token_logprobs: own,
        top_logprobs: top,
        text_offset: offsets,
      } = choice?.logprobs ?? {};
      expect(tokens.join("")).toBe(choice?.text);
      expect(tokens).toHaveLength(8);
      for (const [index, token] of tokens.entries()) {
        expect(choice?.text.slice(offsets?.[index]).startsWith(token)).toBe(true);
        expect(top?.[index]?.[token]).toBe(own?.[index]);
        expect(Object.keys(top?.[index] ?? {})).toHaveLength(2);
      }
    });

    it.each([
      [{ suffix: "end" }, "suffix"],
      [{ best_of: 3 }, "best_of"],
      [{ echo: true, logprobs: 1 }, "logprobs"],
      [{ tools: [] }, "tools"],
    ])("refuses %j by name", async (changes, param) => {
      await expect(client.completions.create({ ...raw, prompt, ...changes })).rejects.toMatchObject({
        status: 400,
        code: "unsupported_parameter",
        param,
      });
    });

    it("calls ids outside the vocabulary invalid", async () => {
      await expect(client.completions.create({ ...raw, prompt: [999_999_999] })).rejects.toMatchObject({
        status: 400,
        code: "invalid_request",
        param: "prompt",
      });
    });
  });

  describe("/v1/embeddings", () => {
    it("gives unit vectors, the same one by one and together, as numbers and as base64", async () => {
      const input = ["the king and the queen", "the number seven"];
      const floats = await client.embeddings.create({ model, input, encoding_format: "float" });
      // The client asks for base64 by itself and decodes it.
      const decoded = await client.embeddings.create({ model, input });
      const alone = await client.embeddings.create({
        model,
        input: input[1] ?? "",
        encoding_format: "float",
      });
      const vectors = floats.data.map(({ embedding }) => embedding);
      for (const vector of vectors) {
        expect(vector.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 4);
      }
      expect(vectors[0]).not.toEqual(vectors[1]);
      expect(alone.data[0]?.embedding).toEqual(vectors[1]);
      for (const [index, value] of (decoded.data[0]?.embedding ?? []).entries()) {
        expect(value).toBeCloseTo(vectors[0]?.[index] ?? Number.NaN, 6);
      }
      expect(decoded.data[0]?.embedding).toHaveLength(vectors[0]?.length ?? -1);
    });

    it("takes ids, and counts them", async () => {
      const { tokens, count } = await tokenized("the number seven");
      const ids = await client.embeddings.create({ model, input: tokens, encoding_format: "float" });
      const text = await client.embeddings.create({
        model,
        input: "the number seven",
        encoding_format: "float",
      });
      expect(ids.data[0]?.embedding).toEqual(text.data[0]?.embedding);
      expect(ids.usage).toEqual({ prompt_tokens: count, total_tokens: count });
    });

    it("refuses dimensions", async () => {
      await expect(client.embeddings.create({ model, input: "x", dimensions: 4 })).rejects.toMatchObject({
        status: 400,
        code: "unsupported_parameter",
        param: "dimensions",
      });
    });
  });

  async function tokenized(input: string): Promise<{ count: number; tokens: number[] }> {
    const result = await client.post<{ count: number; tokens: number[] }>("/tokenize", {
      body: { model, input },
    });
    expect(result.tokens).toHaveLength(result.count);
    expect(engine.detokenize(model, result.tokens)).toBe(input);
    return result;
  }
});

import { describe, expect, it } from "vitest";
import { isAppError } from "@/lib/errors";
import { parseChatRequest } from "./chat-request";

const base = { model: "m", messages: [{ role: "user", content: "Hi" }] };

function fault(body: unknown): { code: string; param: string | null } | null {
  try {
    parseChatRequest(body);
    return null;
  } catch (error) {
    if (isAppError(error)) return { code: error.code, param: error.param };
    throw error;
  }
}

describe("parseChatRequest", () => {
  it.each([
    ["functions", [{ name: "f" }]],
    ["function_call", "auto"],
    ["audio", { voice: "alloy", format: "wav" }],
    ["modalities", ["text", "audio"]],
    ["prediction", { type: "content", content: "x" }],
    ["suffix", "end"],
    ["store", true],
    ["service_tier", "priority"],
    ["reasoning_effort", "high"],
    ["verbosity", "low"],
    ["web_search_options", {}],
    ["repetition_penalty", 1.1],
    ["best_of", 3],
    ["toString", 1],
  ])("refuses %s: %j by name", (param, value) => {
    expect(fault({ ...base, [param]: value })).toEqual({ code: "unsupported_parameter", param });
  });

  it.each([
    ["user", "u-1"],
    ["metadata", { a: "b" }],
    ["safety_identifier", "x"],
    ["prompt_cache_key", "x"],
    ["parallel_tool_calls", true],
    ["store", false],
    ["service_tier", "auto"],
    ["n", 1],
    ["logprobs", false],
    ["top_logprobs", 0],
    ["logit_bias", {}],
    ["tools", []],
    ["tool_choice", "none"],
    ["response_format", { type: "text" }],
    ["modalities", ["text"]],
    ["stream_options", { include_usage: true }],
    ["prediction", null],
    ["tools", null],
    ["temperature", null],
    ["unheard_of", null],
  ])("takes %s: %j, which changes nothing", (param, value) => {
    expect(fault({ ...base, [param]: value })).toBeNull();
  });

  it.each([
    ["temperature", 2.1],
    ["n", 0],
    ["n", 9],
    ["tools", [{}]],
    ["tools", [{ type: "custom", custom: { name: "f" } }]],
    ["tool_choice", { type: "function", function: { name: "f" } }],
    ["tool_choice", "required"],
    ["response_format", { type: "json_schema", json_schema: {} }],
    ["response_format", { type: "grammar" }],
    ["logit_bias", { hello: 1 }],
    ["logit_bias", { "1": 101 }],
    ["top_logprobs", 3],
    ["temperature", "1"],
    ["top_p", -0.1],
    ["max_tokens", 0],
    ["max_completion_tokens", 1.5],
    ["seed", 0.5],
    ["stop", ""],
    ["stop", Array.from({ length: 17 }, (_, index) => `s${index}`)],
    ["frequency_penalty", 3],
    ["stream", "yes"],
  ])("calls %s: %j invalid", (param, value) => {
    expect(fault({ ...base, [param]: value })).toMatchObject({
      code: "invalid_request",
      param: expect.stringContaining(param),
    });
  });

  it.each([
    [[{ role: "function", content: "x", name: "f" }], "messages[0].role"],
    [[{ role: "user", content: "x", tool_calls: [{ id: "1" }] }], "messages[0].tool_calls"],
    [
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }],
      "messages[0].content[0].type",
    ],
    [
      [
        { role: "user", content: "a" },
        { role: "user", content: [{ type: "text", text: "b" }, { type: "input_audio" }] },
      ],
      "messages[1].content[1].type",
    ],
  ])("refuses the part of %j that it cannot honour", (messages, param) => {
    expect(fault({ ...base, messages })).toEqual({ code: "unsupported_parameter", param });
  });

  it("reads tools, and the messages of earlier calls", () => {
    const { generate } = parseChatRequest({
      ...base,
      messages: [
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "c1", content: "42" },
      ],
      tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
      tool_choice: { type: "function", function: { name: "f" } },
      parallel_tool_calls: false,
    });
    expect(generate.prompt).toEqual({
      kind: "chat",
      turns: [
        {
          role: "assistant",
          content: "",
          name: undefined,
          toolCalls: [{ id: "c1", name: "f", arguments: "{}" }],
        },
        { role: "tool", content: "42", name: undefined, toolCallId: "c1" },
      ],
    });
    expect(generate.tools).toMatchObject({
      choice: { name: "f" },
      isParallel: false,
      tools: [{ name: "f" }],
    });
    expect(generate.grammar).toContain("tool_call");
    expect(fault({ ...base, messages: [{ role: "tool", content: "42" }] })).toEqual({
      code: "invalid_request",
      param: "messages[0].tool_call_id",
    });
  });

  it("refuses by name what a schema has beyond a grammar, and what cannot go together", () => {
    const schema = { type: "object", properties: { a: { type: "integer", minimum: 1 } } };
    const format = { type: "json_schema", json_schema: { name: "x", schema } };
    expect(fault({ ...base, response_format: format })).toEqual({
      code: "unsupported_parameter",
      param: "response_format.json_schema.schema.properties.a.minimum",
    });
    const json = { ...base, response_format: { type: "json_object" } };
    expect(fault(json)).toBeNull();
    expect(fault({ ...json, ignore_eos: true })).toMatchObject({ param: "ignore_eos" });
    const tools = [{ type: "function", function: { name: "f" } }];
    expect(fault({ ...base, tools, logprobs: true })).toMatchObject({ param: "logprobs" });
  });

  it("calls missing content invalid", () => {
    expect(fault({ ...base, messages: [{ role: "user" }] })).toEqual({
      code: "invalid_request",
      param: "messages[0].content",
    });
    expect(fault({ model: "m", messages: [] })).toMatchObject({ code: "invalid_request", param: "messages" });
    expect(fault(null)).toMatchObject({ code: "invalid_request" });
    expect(fault([])).toMatchObject({ code: "invalid_request" });
  });

  it("reads everything that is honoured", () => {
    const { generate, choices, isStream, includesUsage } = parseChatRequest({
      model: "m",
      messages: [
        { role: "developer", content: "Be brief." },
        {
          role: "user",
          name: "ann",
          content: [
            { type: "text", text: "a" },
            { type: "text", text: "b" },
          ],
        },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 5,
      max_completion_tokens: 7,
      temperature: 0.5,
      top_p: 0.9,
      top_k: -1,
      min_p: 0.1,
      seed: -3,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      repeat_penalty: 1.1,
      stop: "END",
      n: 3,
      logit_bias: { "7": -100 },
      logprobs: true,
      top_logprobs: 2,
    });
    expect(choices).toBe(3);
    expect({ isStream, includesUsage }).toEqual({ isStream: true, includesUsage: true });
    expect(generate).toEqual({
      model: "m",
      prompt: {
        kind: "chat",
        turns: [
          { role: "system", content: "Be brief.", name: undefined },
          { role: "user", content: "a\nb", name: "ann" },
        ],
      },
      maxTokens: 7,
      stop: ["END"],
      ignoresEndOfTurn: false,
      mayReusePrefix: true,
      sampling: {
        temperature: 0.5,
        topP: 0.9,
        topK: 0,
        minP: 0.1,
        seed: -3,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        repeatPenalty: 1.1,
        logitBias: { "7": -100 },
      },
      topLogprobs: 2,
    });
  });
});

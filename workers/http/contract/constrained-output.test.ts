import { describe, expect, it } from "vitest";
import { describeEngines } from "./engines";

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

describeEngines("constrained output", (contract) => {
  const { lacks } = contract;

  describe.runIf(lacks.length > 0)("what the engine lacks", () => {
    it.runIf(lacks.includes("json"))("refuses a response_format by name", async () => {
      await expect(
        contract.client.chat.completions.create({
          ...contract.base(),
          response_format: { type: "json_object" },
        }),
      ).rejects.toMatchObject({ status: 400, code: "unsupported_parameter", param: "response_format" });
      const text = await contract.client.chat.completions.create({
        ...contract.base(),
        response_format: { type: "text" },
      });
      expect(text.choices[0]?.message.content).not.toBe("");
    });

    it.runIf(lacks.includes("tools"))("refuses tools by name, unless none may be called", async () => {
      await expect(
        contract.client.chat.completions.create({ ...contract.base(), tools }),
      ).rejects.toMatchObject({
        status: 400,
        code: "unsupported_parameter",
        param: "tools",
      });
      const text = await contract.client.chat.completions.create({
        ...contract.base(),
        tools,
        tool_choice: "none",
      });
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
        const answer = await contract.client.chat.completions.create({
          ...contract.base(),
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
      const request = { ...contract.base(), response_format: { type: "json_object" as const } };
      const whole = await contract.client.chat.completions.create(request);
      const streamed = await contract.client.chat.completions.stream(request).finalChatCompletion();
      expect(whole.choices[0]?.message.content).toMatch(/^\{/);
      expect(streamed.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    });

    it("refuses a keyword that it cannot keep to", async () => {
      const bad = { type: "object", properties: { a: { type: "string", pattern: "^a" } } };
      await expect(
        contract.client.chat.completions.create({
          ...contract.base(),
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
    const request = () => ({ ...contract.base(), max_completion_tokens: 200, tools });
    const expectArguments = (text: string | undefined) =>
      expect(JSON.parse(text ?? "")).toEqual({
        a: expect.any(Number),
        operation: expect.stringMatching(/^(plus|minus)$/),
      });

    it("are called when named, with arguments that keep to the schema", async () => {
      const answer = await contract.client.chat.completions.create({
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
      const whole = await contract.client.chat.completions.create(required);
      const streamed = await contract.client.chat.completions.stream(required).finalChatCompletion();
      const calls = (completion: typeof whole) =>
        completion.choices[0]?.message.tool_calls?.map((call) =>
          call.type === "function" ? call.function : null,
        );
      expect(calls(whole)).toHaveLength(1);
      expect(calls(streamed)).toMatchObject(calls(whole) ?? []);
      expect(streamed.choices[0]?.finish_reason).toBe("tool_calls");
    });

    it("are not called with none", async () => {
      const answer = await contract.client.chat.completions.create({ ...request(), tool_choice: "none" });
      expect(answer.choices[0]?.message.tool_calls).toBeUndefined();
    });

    it("may be called or not with auto, and their results are taken", async () => {
      const answer = await contract.client.chat.completions.create({
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
});

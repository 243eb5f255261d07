import { getLlama, type Llama, LlamaGrammar } from "node-llama-cpp";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { busyMachine } from "../test-support";
import { outputGrammar } from "./output-grammar";
import type { ToolUse } from "./types";

vi.setConfig(busyMachine);

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ build: "never", gpu: false, maxThreads: 1 });
});
afterAll(() => llama.dispose());

const tools: ToolUse["tools"] = [
  {
    name: "add",
    description: undefined,
    parameters: {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "integer" } },
      required: ["a", "b"],
    },
    isStrict: true,
    at: "tools[0]",
  },
  {
    name: "find",
    description: undefined,
    parameters: { type: "object", properties: { q: { type: "string", pattern: "^a" } } },
    isStrict: false,
    at: "tools[1]",
  },
];
const use = (changes: Partial<ToolUse>): ToolUse => ({ tools, choice: "auto", isParallel: true, ...changes });

const add = '<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>';
const find = '<tool_call>{"name":"find","arguments":{"q":"b"}}</tool_call>';

it.each([
  ["auto", use({}), "Hello there.", true],
  ["auto", use({}), "", true],
  ["auto", use({}), add, true],
  ["auto", use({}), `I <b>see</b>: <<${add}\n${find}`, true],
  ["auto", use({}), `<tool<tool_cal${add}`, true],
  ["auto", use({}), "<tool_call>nothing", false],
  ["auto", use({}), `${add} and more`, false],
  ["auto", use({}), add.replace("1", '"1"'), false],
  ["auto", use({}), add.replace("add", "sub"), false],
  ["auto, one", use({ isParallel: false }), `${add}\n${find}`, false],
  ["required", use({ choice: "required" }), `${add}\n${find}`, true],
  ["required", use({ choice: "required" }), "Hello", false],
  ["named", use({ choice: { name: "find" } }), find, true],
  ["named", use({ choice: { name: "find" } }), add, false],
  ["named", use({ choice: { name: "find" } }), `${find}${find}`, false],
])("%s: %j and %j: %s", (_name, tool, text, isAccepted) => {
  const grammar = new LlamaGrammar(llama, { grammar: outputGrammar(null, tool) ?? "" });
  expect((grammar as unknown as { _testText(text: string): boolean })._testText(text)).toBe(isAccepted);
});

it("refuses what a strict tool's schema has beyond a grammar, and takes it as a hint elsewhere", () => {
  const strict = use({ tools: tools.map((tool) => ({ ...tool, isStrict: true })) });
  expect(() => outputGrammar(null, strict)).toThrow("tools[1].function.parameters.properties.q.pattern");
  expect(outputGrammar(null, use({}))).toContain("root ::=");
});

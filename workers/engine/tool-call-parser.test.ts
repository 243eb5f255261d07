import fc from "fast-check";
import { expect, it } from "vitest";
import { ToolCallParser } from "./tool-call-parser";

function parse(pieces: readonly string[]) {
  const parser = new ToolCallParser();
  const parts = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish()];
  const calls: { name: string; arguments: string }[] = [];
  let text = "";
  for (const part of parts) {
    if (part.kind === "text") text += part.text;
    else if (part.kind === "toolCall") calls.push({ name: part.name, arguments: "" });
    else {
      const call = calls[part.index];
      if (call !== undefined) call.arguments += part.text;
    }
  }
  return { text, calls };
}

const two =
  'Let me see.\n<tool_call>\n{"name": "a", "arguments": {"x": "}</tool_call>\\"{", "y": [{}]}}\n</tool_call>\n<tool_call>{"name":"b","arguments":{}}</tool_call>';

it("finds calls wherever the text is cut", () => {
  const expected = {
    text: "Let me see.",
    calls: [
      { name: "a", arguments: '{"x": "}</tool_call>\\"{", "y": [{}]}' },
      { name: "b", arguments: "{}" },
    ],
  };
  fc.assert(
    fc.property(fc.array(fc.nat(two.length)), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), two.length];
      const pieces = at.slice(1).map((end, index) => two.slice(at[index], end));
      expect(parse(pieces)).toEqual(expected);
    }),
  );
});

it("hands arguments on before they are complete", () => {
  const parser = new ToolCallParser();
  expect(parser.push('<tool_call>{"name":"a","arguments":{"x"')).toMatchObject([
    { kind: "toolCall", index: 0, name: "a", id: expect.stringMatching(/^call_[0-9a-f]{24}$/) },
    { kind: "toolArguments", index: 0, text: '{"x"' },
  ]);
  expect(parser.push(":1}}")).toEqual([{ kind: "toolArguments", index: 0, text: ":1}" }]);
});

it.each([
  "a < b, <tool>, <<tool_cal",
  "<tool_call>no call</tool_call> and on",
  '<tool_call>{"name": "cut',
  "space at the end \n",
])("leaves %j a text", (text) => {
  expect(parse([...text])).toEqual({ text, calls: [] });
});

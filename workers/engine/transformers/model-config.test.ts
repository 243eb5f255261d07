import { describe, expect, it } from "vitest";
import { chatTemplateOf, contextLengthOf, defaultSampling, endOfTurnIds } from "./model-config";

describe("contextLengthOf", () => {
  it("is the smaller of what model and tokenizer say", () => {
    expect(contextLengthOf({ max_position_embeddings: 1024 }, null)).toBe(1024);
    expect(contextLengthOf({ n_positions: 1024 }, { model_max_length: 1e30 })).toBe(1024);
    expect(contextLengthOf({ max_position_embeddings: 512 }, { model_max_length: 256 })).toBe(256);
    expect(contextLengthOf({ architectures: ["XLMRobertaModel"], max_position_embeddings: 514 }, null)).toBe(
      512,
    );
  });
});

it("an answer ends at the ids that the files name, and at well-known control tokens", () => {
  const tokens = new Map([
    ["<|im_end|>", 7],
    ["<s>", 1],
  ]);
  expect(endOfTurnIds([{ eos_token_id: [2, 3] }, null, { eos_token_id: 2 }], tokens)).toEqual(
    new Set([2, 3, 7]),
  );
});

it("the model's own sampling goes before llama.cpp's", () => {
  expect(defaultSampling(null)).toMatchObject({ temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05 });
  expect(defaultSampling({ temperature: 0.6, top_k: 20, repetition_penalty: 1.1 })).toMatchObject({
    temperature: 0.6,
    topK: 20,
    topP: 0.95,
    repeatPenalty: 1.1,
  });
});

it("the template is the file's, or the configuration's, the default of several", () => {
  expect(chatTemplateOf({ chat_template: "a" }, "b")).toBe("b");
  expect(chatTemplateOf({ chat_template: "a" }, null)).toBe("a");
  const several = [
    { name: "tool_use", template: "t" },
    { name: "default", template: "d" },
  ];
  expect(chatTemplateOf({ chat_template: several }, null)).toBe("d");
  expect(chatTemplateOf(null, null)).toBeNull();
});

import { describe, expect, it } from "vitest";
import { type ModelDraft, parametersText, readDraft } from "./model-draft";

const draft: ModelDraft = {
  name: "plover",
  displayName: "Plover",
  organization: " ",
  licence: "MIT",
  stage: "public",
  maxConcurrent: "",
  tokensPerMinute: "",
  priority: "\u22123",
  priceInput: "250000",
  priceOutput: "",
  parameters: "",
  systemPrompt: "",
};

describe("readDraft", () => {
  it("makes empty boxes into what is not known, and takes a true minus", () => {
    expect(readDraft(draft).change).toEqual({
      displayName: "Plover",
      organization: null,
      licence: "MIT",
      stage: "public",
      maxConcurrent: null,
      tokensPerMinute: null,
      priority: -3,
      priceInputMicros: 250_000,
      priceOutputMicros: null,
      defaultParameters: {},
      systemPrompt: "",
    });
  });

  it.each([
    ["maxConcurrent", "many"],
    ["tokensPerMinute", "1.5"],
    ["priority", "1.5"],
    ["priceOutput", "1e9"],
    ["parameters", "{temperature: 1}"],
    ["parameters", '{"temperature": 9}'],
    ["parameters", '{"heat": 1}'],
  ] as const)("names the box that is not understood: %s %j", (field, text) => {
    expect(readDraft({ ...draft, [field]: text }).fault).toBe(field);
  });

  it("shows parameters as they were typed", () => {
    const parameters = { temperature: 0.2, stop: ["END"] };
    expect(readDraft({ ...draft, parameters: parametersText(parameters) }).change?.defaultParameters).toEqual(
      parameters,
    );
    expect(parametersText({})).toBe("");
  });
});

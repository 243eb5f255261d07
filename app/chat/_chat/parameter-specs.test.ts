import { describe, expect, it } from "vitest";
import { formatContext } from "@/app/_components/format-model";
import { chatParametersSchema } from "@/lib/protocol";
import { matchModels, withCurrent } from "./match-models";
import { changedCount, parameterSpecs, parseParameter, showParameter } from "./parameter-specs";

const specOf = (name: string) => {
  const spec = parameterSpecs.find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(name);
  return spec;
};

describe("parameters", () => {
  it.each(parameterSpecs)("$name takes its bounds, as the server does, and nothing beyond", (spec) => {
    for (const value of [spec.min, spec.max]) {
      expect(parseParameter(showParameter(value, spec), spec)).toBe(value);
      expect(chatParametersSchema.safeParse({ [spec.name]: value }).success).toBe(true);
    }
    for (const value of [spec.min - 1, spec.max + 1]) {
      expect(parseParameter(String(value), spec)).toBeNull();
      expect(chatParametersSchema.safeParse({ [spec.name]: value }).success).toBe(false);
    }
  });

  it("understand a decimal comma and a true minus, and refuse what is no number", () => {
    expect(parseParameter("0,3", specOf("temperature"))).toBe(0.3);
    expect(parseParameter("\u22121.5", specOf("presencePenalty"))).toBe(-1.5);
    for (const text of ["", "a", "1e1", "0.5.1", "1.5"]) {
      expect(parseParameter(text, specOf("topK"))).toBeNull();
    }
    expect(showParameter(-0.5, specOf("presencePenalty"))).toBe("\u22120.50");
    expect(showParameter(0.125, specOf("temperature"))).toBe("0.125");
  });

  it("count as changed only where they are set", () => {
    expect(changedCount({})).toBe(0);
    expect(changedCount({ temperature: 0, seed: undefined })).toBe(1);
  });
});

describe("models", () => {
  const model = (name: string, capabilities: ("chat" | "vision")[]) => ({
    name,
    displayName: name.toUpperCase(),
    organization: "Test Lab",
    contextLength: 1024,
    capabilities,
    waiting: 0,
    defaults: { temperature: null, topP: null, topK: null },
    maxTokens: 512,
  });
  const models = [model("heron-7b", ["chat"]), model("stork-8b", ["chat", "vision"])];

  it("are found by words of name and organization, and by what they can do", () => {
    const all = withCurrent(models, null);
    const names = (found: readonly { name: string }[]) => found.map(({ name }) => name);
    expect(names(matchModels(all, "lab 8B", []))).toEqual(["stork-8b"]);
    expect(names(matchModels(all, "", ["vision"]))).toEqual(["stork-8b"]);
    expect(names(matchModels(all, "crane", []))).toEqual([]);
  });

  it("show the chosen one even when nothing serves it", () => {
    const shown = withCurrent(models, { name: "gone", displayName: "Gone" });
    expect(shown.map(({ name, isServed }) => [name, isServed])).toEqual([
      ["heron-7b", true],
      ["stork-8b", true],
      ["gone", false],
    ]);
    expect(withCurrent(models, { name: "heron-7b", displayName: "HERON-7B" })).toHaveLength(2);
  });

  it("tell their context in round figures", () => {
    expect(formatContext(512, "en")).toBe("512");
    expect(formatContext(2048, "en")).toBe("2k");
    expect(formatContext(131_072, "en")).toBe("128k");
    expect(formatContext(128_000, "zh")).toBe("128k");
  });
});

import { describe, expect, it } from "vitest";
import { checkModelFile, describeModel, modelNameOfFile } from "./model-file";

const labels = { name: null, displayName: null, organization: null, licence: null, tags: [] };

describe("modelNameOfFile", () => {
  it.each([
    ["workers/models/demo-13m-q8_0.gguf", "demo-13m"],
    ["Qwen3-8B-Q4_K_M.gguf", "Qwen3-8B"],
    ["Llama-3.2-1B-Instruct.IQ3_XXS.gguf", "Llama-3.2-1B-Instruct"],
    ["model-UD-Q2_K_XL.gguf", "model"],
    ["gpt-oss-20b-MXFP4.gguf", "gpt-oss-20b"],
    ["hf_bartowski_SmolLM2-135M-f16.gguf", "SmolLM2-135M"],
    ["big-Q8_0-00001-of-00003.gguf", "big"],
    ["q4.gguf", "q4"],
    ["plain.GGUF", "plain"],
  ])("%s → %s", (file, name) => {
    expect(modelNameOfFile(file)).toBe(name);
  });
});

describe("describeModel", () => {
  const general = { name: "Demo 13M", author: "Somebody", license: "apache-2.0" };

  it("takes what the file says", () => {
    expect(describeModel("/m/demo-13m-q8_0.gguf", general, 1024, { ...labels, tags: ["demo"] })).toEqual({
      name: "demo-13m",
      displayName: "Demo 13M",
      organization: "Somebody",
      licence: "apache-2.0",
      contextLength: 1024,
      capabilities: ["chat", "completion", "tools", "json", "logprobs"],
      defaults: { temperature: 0.8, topP: 0.95, topK: 40 },
      tags: ["demo"],
    });
  });

  it("prefers what the command line says, and an organization to an author", () => {
    const given = { ...labels, name: "x", displayName: "X", licence: "MIT" };
    expect(describeModel("a.gguf", { ...general, organization: "Org" }, 8, given)).toMatchObject({
      name: "x",
      displayName: "X",
      organization: "Org",
      licence: "MIT",
    });
  });

  it("says which name it cannot offer", () => {
    expect(() => describeModel("a b.gguf", {}, 8, labels)).toThrowError(/"a b": name: letters, digits/);
  });
});

describe("checkModelFile", () => {
  it("says in one sentence what is wrong", async () => {
    await expect(checkModelFile("/nowhere/a.gguf")).rejects.toThrowError(
      "The model file /nowhere/a.gguf cannot be read: it does not exist.",
    );
    await expect(checkModelFile("package.json")).rejects.toThrowError(
      "The file package.json is not a GGUF model.",
    );
    await expect(checkModelFile("workers")).rejects.toThrowError("The model path workers is not a file.");
  });
});

import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { readGguf } from "./gguf-file";
import { llamaGraph, shapeOf } from "./llama-graph";
import { modelFiles } from "./tokenizer-files";

it("the bundled export is what the script makes of the GGUF file", async () => {
  const file = await readGguf("workers/models/demo-1m-q8_0.gguf");
  const shape = shapeOf(file);
  const folder = "workers/models/demo-1m-onnx";
  const bundled = await readFile(`${folder}/onnx/model_quantized.onnx`);
  expect(bundled.equals(llamaGraph(file, shape))).toBe(true);
  for (const [name, content] of Object.entries(modelFiles(file, shape))) {
    expect(JSON.parse(await readFile(`${folder}/${name}`, "utf8"))).toEqual(content);
  }
});

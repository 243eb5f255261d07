import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readGguf } from "./gguf-file";
import { llamaGraph, shapeOf } from "./llama-graph";
import { modelFiles } from "./tokenizer-files";

/**
 * Writes a GGUF model of the llama architecture (F32 and Q8_0, byte-level BPE of the `qwen2` kind) as a folder for
 * transformers.js. Made once for the bundled model:
 *
 *     node --import tsx workers/models/export/main.ts workers/models/demo-1m-q8_0.gguf workers/models/demo-1m-onnx
 */
async function main([source, target]: readonly string[]): Promise<void> {
  if (source === undefined || target === undefined) throw new Error("Two arguments: FILE.gguf and a folder.");
  const file = await readGguf(source);
  const shape = shapeOf(file);
  await write(join(target, "onnx", "model_quantized.onnx"), llamaGraph(file, shape));
  for (const [name, content] of Object.entries(modelFiles(file, shape))) {
    await write(join(target, name), `${JSON.stringify(content, null, name === "tokenizer.json" ? 0 : 2)}\n`);
  }
}

async function write(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  process.stdout.write(`${path}\n`);
}

await main(process.argv.slice(2));

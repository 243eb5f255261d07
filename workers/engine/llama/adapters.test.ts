import pino from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { busyMachine } from "../../test-support";
import { parsePersona } from "../persona";
import { PersonaEngine } from "../persona-engine";
import { LlamaEngine, type LlamaEngineOptions } from "./llama-engine";

vi.setConfig(busyMachine);

const options: LlamaEngineOptions = {
  model: "workers/models/demo-13m-q8_0.gguf",
  threads: null,
  slots: 2,
  contextLength: 512,
  hasEmbeddings: false,
  adapters: [
    { name: "pirate", path: "workers/models/demo-13m-pirate-lora.gguf", scale: 1 },
    { name: "no-pirate", path: "workers/models/demo-13m-pirate-lora.gguf", scale: 0 },
  ],
  logger: pino({ level: "silent" }),
  labels: { name: null, displayName: null, organization: null, licence: null, tags: [] },
};
const engine = new PersonaEngine(new LlamaEngine(options), [
  parsePersona({ name: "brief", base: "pirate", role: "a brief assistant", defaults: { max_tokens: 5 } }),
]);

beforeAll(() => engine.load());
afterAll(() => engine.dispose());

async function answer(model: string, content: string, seed = 1): Promise<string> {
  let text = "";
  const request = {
    model,
    prompt: { kind: "chat" as const, turns: [{ role: "user" as const, content }] },
    maxTokens: model === "brief" ? null : 60,
    stop: [],
    sampling: { temperature: 0.7, seed },
    ignoresEndOfTurn: false,
    // A prompt that is evaluated in other parts rounds differently in an F16 adapter.
    mayReusePrefix: false,
  };
  for await (const chunk of engine.generate(request, new AbortController().signal)) {
    if (chunk.kind === "text") text += chunk.text;
  }
  return text;
}

const questions = [
  "What is the capital of France?",
  "What is 12 + 30?",
  "Tell me a short story about a fox.",
];

describe("adapters over one loaded model", () => {
  it("offer further names", () => {
    expect(engine.models().map(({ name }) => name)).toEqual(["demo-13m", "pirate", "no-pirate", "brief"]);
    expect(engine.info().slots).toBe(6);
  });

  it("answer beside the model itself exactly as they answer alone, and so does the model", async () => {
    const ask = (model: string) => (question: string) => answer(model, question);
    const alone = { base: [] as string[], pirate: [] as string[] };
    for (const question of questions) {
      alone.base.push(await answer("demo-13m", question));
      alone.pirate.push(await answer("pirate", question));
    }
    for (const [index, question] of questions.entries()) {
      const [pirate, ...base] = await Promise.all([
        answer("pirate", question),
        ...questions.map(ask("demo-13m")),
      ]);
      expect(pirate).toBe(alone.pirate[index]);
      expect(base).toEqual(alone.base);
    }
    // In another voice, each of them.
    expect(alone.pirate.every((text, index) => text !== alone.base[index])).toBe(true);
    expect(alone.pirate.join(" ")).toMatch(/\b(?:arr+|ahoy|matey|aye|ye)\b/i);
    expect(alone.base.join(" ")).not.toMatch(/\b(?:arr+|ahoy|matey)\b/i);
  });

  it("weigh what they are told to: at scale 0 the model is itself", async () => {
    const [question = ""] = questions;
    expect(await answer("no-pirate", question)).toBe(await answer("demo-13m", question));
  });

  it("carry personas", async () => {
    const [question = ""] = questions;
    const text = await answer("brief", question);
    expect(text).not.toBe("");
    expect(text.length).toBeLessThan((await answer("pirate", question)).length);
  });

  it("that are missing or no adapter of this model stop the load", async () => {
    const load = (path: string) =>
      new LlamaEngine({ ...options, adapters: [{ name: "x", path, scale: 1 }] }).load();
    await expect(load("workers/models/none.gguf")).rejects.toThrow("none.gguf cannot be read");
    await expect(load("workers/models/demo-1m-q8_0.gguf")).rejects.toThrow(/demo-1m-q8_0\.gguf/);
  });
});

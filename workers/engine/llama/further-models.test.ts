import pino from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { busyMachine } from "../../test-support";
import type { EngineObserver } from "../types";
import { LlamaEngine, type LlamaEngineOptions } from "./llama-engine";

vi.setConfig(busyMachine);

const mebibyte = 1024 ** 2;
const options: LlamaEngineOptions = {
  model: "workers/models/demo-4m-q8_0.gguf",
  furtherModels: [{ name: "small", model: "workers/models/demo-1m-q8_0.gguf" }],
  threads: 1,
  slots: 2,
  contextLength: 256,
  hasEmbeddings: false,
  adapters: [],
  logger: pino({ level: "silent" }),
  labels: { name: null, displayName: "First", organization: "Tests", licence: null, tags: ["demo"] },
};
const engine = new LlamaEngine({ ...options, kvType: "q8_0" });

beforeAll(() => engine.load());
afterAll(() => engine.dispose());

async function answer(model: string, by = engine): Promise<string> {
  let text = "";
  const request = {
    model,
    prompt: { kind: "chat" as const, turns: [{ role: "user" as const, content: "What is 2 + 3?" }] },
    maxTokens: 12,
    stop: [],
    sampling: { temperature: 0 },
    ignoresEndOfTurn: true,
    mayReusePrefix: false,
  };
  for await (const chunk of by.generate(request, new AbortController().signal)) {
    if (chunk.kind === "text") text += chunk.text;
  }
  return text;
}

describe("several models in one process", () => {
  it("are offered side by side, each with slots of its own", () => {
    expect(engine.models()).toMatchObject([
      { name: "demo-4m", displayName: "First", organization: "Tests", contextLength: 256 },
      { name: "small", organization: "Tests", contextLength: 256 },
    ]);
    expect(engine.models()[1]?.displayName).not.toBe("First");
    expect(engine.info().slots).toBe(4);
  });

  it("answer at the same time as each does alone, with a quantised cache", async () => {
    const alone = [await answer("demo-4m"), await answer("small")];
    expect(await Promise.all([answer("demo-4m"), answer("small")])).toEqual(alone);
    expect(alone[0]).not.toBe(alone[1]);
    expect(alone).not.toContain("");
  });

  it("tell an observer which of them does what", async () => {
    const seen = { started: [] as unknown[], prompted: [] as unknown[], stepped: [] as unknown[] };
    const observer: EngineObserver = {
      started: (model) => void seen.started.push(model),
      prompted: (model, tokens) => void seen.prompted.push([model, tokens]),
      stepped: (model, busy, active) => void seen.stepped.push([model, busy, active]),
    };
    engine.observe(observer);
    await answer("small");
    const promptTokens = engine.tokenizeChat([{ role: "user", content: "What is 2 + 3?" }], "small").length;
    expect(seen.started).toEqual(["small"]);
    expect(seen.prompted).toEqual([["small", promptTokens]]);
    expect(seen.stepped).toEqual(Array.from({ length: 12 }, () => ["small", 1, 1]));
  });

  it("do not fill in where their files name no tokens for it", () => {
    expect([engine.fillsIn("demo-4m"), engine.fillsIn("small")]).toEqual([false, false]);
  });

  it("need names of their own", async () => {
    const twin = new LlamaEngine({ ...options, furtherModels: [{ name: null, model: options.model }] });
    await expect(twin.load()).rejects.toThrow('Two models would be offered as "demo-4m".');
  });
});

describe("memory", () => {
  const within = (mebibytes: number, changes: Partial<LlamaEngineOptions> = {}) =>
    new LlamaEngine({
      ...options,
      ...changes,
      readRoom: async () => ({ ramBytes: mebibytes * mebibyte, vramBytes: 0, isUnified: false }),
      gpu: "off",
    });

  it("that is too small is refused before anything is loaded, in one sentence", async () => {
    await expect(within(8).load()).rejects.toThrow(
      /^The models .*demo-4m.*, .*demo-1m.* cannot be loaded: not enough memory: \d+ MiB are needed \(weights \d+ MiB, contexts of 2 slots with 256 tokens each \d+ MiB\) and 8 MiB are free; use fewer --slots, .*\.$/,
    );
  });

  it("decides the context's length where the command line does not", async () => {
    const model = "workers/models/demo-13m-q8_0.gguf";
    const alone = { model, furtherModels: [], slots: 64, contextLength: null };
    await expect(within(120, alone).load()).rejects.toThrow("64 slots with 1024 tokens each");
    const small = within(120, { ...alone, kvType: "q4_0", slots: 8 });
    await small.load();
    try {
      expect(small.models()[0]?.contextLength).toBe(1024);
    } finally {
      await small.dispose();
    }
  });
});

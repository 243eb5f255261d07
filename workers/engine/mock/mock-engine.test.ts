import { describe, expect, it, vi } from "vitest";
import { busyMachine, eventually } from "../../test-support";
import type { GenerateChunk, GenerateRequest } from "../types";
import { MockEngine } from "./mock-engine";
import { type ScenarioName, scenarioNames, scenarios, scenarioText } from "./scenarios";

vi.setConfig(busyMachine);

function engine(scenario: ScenarioName, slots = 4): MockEngine {
  return new MockEngine({
    scenario,
    slots,
    delayMs: 0,
    model: {
      name: "m",
      displayName: "M",
      organization: null,
      licence: null,
      contextLength: 100,
      capabilities: ["chat"],
      tags: [],
    },
  });
}

function request(changes: Partial<GenerateRequest> = {}, prompt = "two words"): GenerateRequest {
  return {
    model: "m",
    prompt: { kind: "chat", turns: [{ role: "user", content: prompt }] },
    maxTokens: null,
    stop: [],
    sampling: {},
    ignoresEndOfTurn: false,
    mayReusePrefix: true,
    ...changes,
  };
}

async function collect(chunks: AsyncIterable<GenerateChunk>) {
  let text = "";
  let last: GenerateChunk | null = null;
  for await (const chunk of chunks) {
    if (chunk.kind === "text") text += chunk.text;
    last = chunk;
  }
  return { text, last };
}

const never = new AbortController().signal;

describe("MockEngine", () => {
  it.each(scenarioNames.filter((name) => !("fault" in scenarios[name])))(
    "plays %s to its end",
    async (name) => {
      const { text, last } = await collect(engine(name).generate(request(), never));
      const tokens = scenarios[name].pieces.length;
      expect(text).toBe(scenarioText(name));
      expect(last).toEqual({
        kind: "finish",
        finishReason: scenarios[name].finishReason,
        usage: { prompt_tokens: 2, completion_tokens: tokens, total_tokens: 2 + tokens },
      });
    },
  );

  it("follows a directive in the last message of the user", async () => {
    const { text } = await collect(engine("plain").generate(request({}, "[[mock:cjk]]"), never));
    expect(text).toBe(scenarioText("cjk"));
  });

  it("ends at max_tokens and before a stop string", async () => {
    const cut = await collect(engine("plain").generate(request({ maxTokens: 2 }), never));
    expect(cut).toMatchObject({ text: "This is ", last: { finishReason: "length" } });
    const stopped = await collect(engine("plain").generate(request({ stop: ["scripted"] }), never));
    expect(stopped).toMatchObject({ text: "This is a ", last: { finishReason: "stop" } });
  });

  it("refuses, breaks and severs as scripted", async () => {
    await expect(collect(engine("errors").generate(request(), never))).rejects.toMatchObject({
      code: "no_worker_available",
    });
    await expect(collect(engine("breaks").generate(request(), never))).rejects.toMatchObject({
      code: "upstream_failed",
    });
    const severed = await collect(engine("dies").generate(request(), never));
    expect(severed).toEqual({ text: "This is a scripted answer. It ", last: { kind: "sever" } });
  });

  it("frees the slot of a stalled answer when its reader goes", async () => {
    const mock = engine("stall", 1);
    const abort = new AbortController();
    const reason = new Error("gone");
    const stalled = collect(mock.generate(request(), abort.signal));
    const waiting = collect(mock.generate(request({}, "[[mock:instant]]"), never));
    await eventually(() => mock.status()).toMatchObject({ busySlots: 1, queued: 1 });
    abort.abort(reason);
    await expect(stalled).rejects.toBe(reason);
    expect((await waiting).text).toBe(scenarioText("instant"));
    expect(mock.status()).toEqual({ busySlots: 0, queued: 0, tokensPerSecond: null });
  });
});

describe("tools", () => {
  const tools = ["find", "open", "shut"].map((name, index) => ({
    name,
    description: undefined,
    parameters: {
      type: "object",
      properties: { path: { type: "string", minLength: 9 } },
      required: ["path"],
    },
    isStrict: false,
    at: `tools[${index}]`,
  }));
  const use = { tools, choice: "auto" as const, isParallel: true };

  it("are called when the user names them, all at once or one at a time", async () => {
    const calls = async (isParallel: boolean) => {
      const chunks: GenerateChunk[] = [];
      const given = request({ tools: { ...use, isParallel } }, "Please find and shut it.");
      for await (const chunk of engine("plain").generate(given, never)) chunks.push(chunk);
      expect(chunks.at(-1)).toMatchObject({ kind: "finish", finishReason: "tool_calls" });
      expect(chunks.some((chunk) => chunk.kind === "text")).toBe(false);
      return chunks.flatMap((chunk) => (chunk.kind === "toolCall" ? [chunk.name] : []));
    };
    expect(await calls(true)).toEqual(["find", "shut"]);
    expect(await calls(false)).toEqual(["find"]);
  });

  it("are not called when nobody names them", async () => {
    const { text, last } = await collect(engine("plain").generate(request({ tools: use }), never));
    expect(text).toBe(scenarioText("plain"));
    expect(last).toMatchObject({ finishReason: "stop" });
  });
});

import { expect, it } from "vitest";
import type { Engine, GenerateChunk, GenerateRequest } from "../engine/types";
import { ChoiceTally, derivedSeed, generateChoices } from "./choices";
import { mockEngine } from "./test-support";

const request: GenerateRequest = {
  model: "scripted",
  prompt: { kind: "text", text: "hello" },
  maxTokens: null,
  stop: [],
  sampling: { seed: 1 },
  ignoresEndOfTurn: false,
  mayReusePrefix: true,
};

it("derives other seeds, always the same, and keeps the first", () => {
  const seeds = [0, 1, 2, 3, 4, 5, 6, 7].map((choice) => derivedSeed(-3, choice));
  expect(seeds[0]).toBe(-3);
  expect(new Set(seeds).size).toBe(8);
  expect(derivedSeed(-3, 5)).toBe(seeds[5]);
  expect(derivedSeed(undefined, 2)).toBeUndefined();
});

it("frees the slots of all answers when the reader leaves, and when one fails", async () => {
  const engine = mockEngine("long", 3);
  const left = generateChoices(engine, [request], 3, new AbortController().signal);
  await left.next();
  expect(engine.status().busySlots).toBe(3);
  await left.return?.();
  expect(engine.status().busySlots).toBe(0);

  let calls = 0;
  const failing: Engine = Object.assign(Object.create(engine) as Engine, {
    generate(given: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateChunk> {
      calls++;
      const prompt = { kind: "text", text: calls === 2 ? "[[mock:breaks]]" : "[[mock:stall]]" } as const;
      return engine.generate({ ...given, prompt }, signal);
    },
  });
  const broken = generateChoices(failing, [request], 3, new AbortController().signal);
  const readAll = async () => {
    for (let next = await broken.next(); next.done !== true; next = await broken.next());
  };
  await expect(readAll()).rejects.toMatchObject({ code: "upstream_failed" });
  expect(engine.status().busySlots).toBe(0);
});

it("sums the answers' tokens and counts the prompt once", () => {
  const tally = new ChoiceTally(2, 2);
  const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
  expect(tally.finish(1, "length", usage)).toBe(false);
  expect(tally.usage).toBeNull();
  expect(tally.finish(0, "stop", usage)).toBe(true);
  expect(tally.usage).toEqual({ prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 });
  const perPrompt = new ChoiceTally(2, 1);
  perPrompt.finish(0, "stop", usage);
  perPrompt.finish(1, "stop", usage);
  expect(perPrompt.usage).toEqual({ prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 });
  expect([tally.reasonOf(0), tally.reasonOf(1)]).toEqual(["stop", "length"]);
});

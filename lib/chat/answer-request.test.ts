import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toSampling } from "@/lib/answers";
import type { MessageView } from "@/lib/protocol";
import { maxTokensFor, messagesFor } from "./answer-request";

const createdAt = "2026-01-01T00:00:00.000Z";

function prompt(text: string, parentId: string | null): MessageView {
  return { role: "user", id: randomUUID(), parentId, text, images: [], createdAt };
}

function answer(text: string, parentId: string, status: "finished" | "failed" | "stopped" | "queued") {
  return {
    role: "assistant",
    id: randomUUID(),
    parentId,
    text,
    createdAt,
    status,
    model: { name: "m", displayName: "M" },
    isTruncated: false,
    failure: null,
    promptTokens: null,
    completionTokens: null,
    firstTokenMs: null,
    totalMs: null,
    feedback: null,
  } as const satisfies MessageView;
}

describe("what a model reads before an answer", () => {
  const first = prompt("One", null);
  const failed = answer("half", first.id, "failed");
  const good = answer("Uno", first.id, "finished");
  const second = prompt("Two", good.id);
  const stopped = answer("Do", second.id, "stopped");
  const third = prompt("Three", stopped.id);
  const next = answer("", third.id, "queued");
  const messages = [first, failed, good, second, stopped, third, next];

  it("is its own branch; an answer that was stopped counts, one that failed does not", () => {
    const sent = messagesFor({ messages, systemPrompt: "Be brief." }, next.id);
    expect(sent.map(({ role, content }) => [role, content])).toEqual([
      ["system", "Be brief."],
      ["user", "One"],
      ["assistant", "Uno"],
      ["user", "Two"],
      ["assistant", "Do"],
      ["user", "Three"],
    ]);
    const afterFailure = prompt("Again?", failed.id);
    const last = answer("", afterFailure.id, "queued");
    const other = messagesFor({ messages: [...messages, afterFailure, last], systemPrompt: " " }, last.id);
    expect(other.map(({ content }) => content)).toEqual(["One", "Again?"]);
  });
});

describe("the parameters of an answer", () => {
  it("are sent only where they are set, under OpenAI's names", () => {
    expect(toSampling({})).toEqual({});
    expect(toSampling({ temperature: 0, topP: 0.9, topK: 0, stop: [], maxTokens: 5, seed: 0 })).toEqual({
      temperature: 0,
      top_p: 0.9,
      top_k: 0,
      seed: 0,
    });
    expect(toSampling({ stop: ["END"], presencePenalty: -1, frequencyPenalty: 0 })).toEqual({
      stop: ["END"],
      presence_penalty: -1,
      frequency_penalty: 0,
    });
  });

  it("leave the prompt half of the context, and never pass the site's limit", () => {
    expect(maxTokensFor(undefined, 2048, null)).toBe(2048);
    expect(maxTokensFor(undefined, 2048, 1024)).toBe(512);
    expect(maxTokensFor(100, 2048, 1024)).toBe(100);
    expect(maxTokensFor(9999, 2048, 128_000)).toBe(2048);
    expect(maxTokensFor(undefined, 2048, 1)).toBe(1);
  });
});

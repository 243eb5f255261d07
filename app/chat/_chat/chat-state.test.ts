import { describe, expect, it } from "vitest";
import type { AssistantMessage, ConversationView } from "@/lib/protocol";
import { applyEvent } from "./apply-event";
import { initialChatState, shownMessages } from "./chat-state";

const createdAt = "2026-01-01T00:00:00.000Z";
const answer: AssistantMessage = {
  role: "assistant",
  id: "a1",
  parentId: "p1",
  text: "Hel",
  createdAt,
  status: "writing",
  model: { name: "m", displayName: "M" },
  isTruncated: false,
  failure: null,
  promptTokens: null,
  completionTokens: null,
  firstTokenMs: null,
  totalMs: null,
  feedback: null,
};
const conversation: ConversationView = {
  id: "c1",
  title: "Greeting",
  isPinned: false,
  createdAt,
  updatedAt: createdAt,
  model: answer.model,
  systemPrompt: "",
  parameters: {},
  leafId: "a1",
  messages: [{ role: "user", id: "p1", parentId: null, text: "Say hello", images: [], createdAt }, answer],
};
const textOf = (view: ConversationView | null) => view?.messages.at(-1)?.text;
const delta = (at: number, text: string) => ({ type: "delta", messageId: "a1", at, text }) as const;

describe("events of a conversation", () => {
  it("neither lose nor double a character when a stream repeats what is there", () => {
    expect(textOf(applyEvent(conversation, delta(3, "lo")).next)).toBe("Hello");
    expect(textOf(applyEvent(conversation, delta(1, "ello")).next)).toBe("Hello");
    expect(applyEvent(conversation, delta(0, "Hel"))).toEqual({ next: conversation, isStale: false });
    expect(applyEvent(conversation, delta(0, "Hel")).next).toBe(conversation);
    expect(applyEvent(conversation, delta(5, "!")).isStale).toBe(true);
  });

  it("of a message that is not there ask for the whole conversation", () => {
    const unknown = { type: "status", messageId: "a2", status: "writing" } as const;
    expect(applyEvent(conversation, unknown).isStale).toBe(true);
    expect(applyEvent(null, unknown).isStale).toBe(true);
  });

  it("that come late do not change an answer that has ended", () => {
    const done = { type: "done", message: { ...answer, status: "finished", text: "Hello" } } as const;
    const { next } = applyEvent(conversation, done);
    expect(textOf(next)).toBe("Hello");
    expect(applyEvent(next, delta(5, " again")).next).toBe(next);
    expect(applyEvent(next, { type: "status", messageId: "a1", status: "writing" }).next).toBe(next);
  });
});

describe("what is shown", () => {
  const state = { ...initialChatState, conversation };
  const texts = (next: typeof state) => shownMessages(next).map(({ text }) => text);

  it("is the branch, with the message that is on its way", () => {
    expect(texts(state)).toEqual(["Say hello", "Hel"]);
    const edit = { kind: "message", text: "Say goodbye", images: [], parentId: null } as const;
    expect(shownMessages({ ...state, outgoing: edit }).map(({ text }) => text)).toEqual(["Say goodbye", ""]);
    const again = { kind: "answer", promptId: "p1" } as const;
    expect(shownMessages({ ...state, outgoing: again }).map(({ text }) => text)).toEqual(["Say hello", ""]);
  });
});

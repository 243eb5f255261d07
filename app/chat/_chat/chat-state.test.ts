import { describe, expect, it } from "vitest";
import type { ConversationView } from "@/lib/protocol";
import { applyEvent } from "./apply-event";
import { holds, initialChatState, settingsOf, shownMessages } from "./chat-state";
import { answerOf, conversationOf, promptOf } from "./testing/conversation-of";

const answer = answerOf({ status: "writing", text: "Hel" });
const conversation = conversationOf({ messages: [promptOf(), answer] });
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
  const onItsWay = { key: "k", known: 2, model: { name: "stork", displayName: "Stork" } };
  const texts = (next: typeof state) => shownMessages(next).map(({ text }) => text);

  it("is the branch, with the message that is on its way", () => {
    expect(texts(state)).toEqual(["Say hello", "Hel"]);
    const place = { images: [], parentId: null, isFromComposer: false };
    const edit = { ...onItsWay, ...place, kind: "message", text: "Say goodbye" } as const;
    expect(shownMessages({ ...state, outgoing: edit }).map(({ text }) => text)).toEqual(["Say goodbye", ""]);
    const again = { ...onItsWay, kind: "answer", promptId: "p1" } as const;
    const shown = shownMessages({ ...state, outgoing: again });
    expect(shown.map(({ text }) => text)).toEqual(["Say hello", ""]);
    expect(shown.at(-1)).toMatchObject({ model: { name: "stork" } });
  });

  it("are the stored settings, under what was set since", () => {
    expect(settingsOf(state)).toEqual({ model: conversation.model, systemPrompt: "", parameters: {} });
    const edits = { parameters: { temperature: 0.3 } };
    expect(settingsOf({ ...state, edits })).toMatchObject({ model: conversation.model, ...edits });
    // Another tab has stored another model: this one shows it.
    const stork = { name: "stork", displayName: "Stork" };
    expect(settingsOf({ edits, conversation: { ...conversation, model: stork } })).toMatchObject({
      model: stork,
      ...edits,
    });
  });
});

describe("a message that was on its way", () => {
  it("is found by its place and its words among what came after it went out", () => {
    const sent = { known: 2, text: "Say hello", parentId: "a1" };
    const again = promptOf({ id: "p2", parentId: "a1" });
    expect(holds(conversation, sent)).toBe(false);
    expect(holds({ ...conversation, messages: [...conversation.messages, again] }, sent)).toBe(true);
    // The same words at the same place, but from before.
    expect(holds(conversation, { ...sent, parentId: null })).toBe(false);
  });
});

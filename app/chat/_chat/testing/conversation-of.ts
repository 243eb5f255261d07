import type { AssistantMessage, ConversationView, UserMessage } from "@/lib/protocol";

const createdAt = "2026-01-01T00:00:00.000Z";

/** A conversation with one prompt and its answer, for tests. */
export function conversationOf(change: Partial<ConversationView> = {}): ConversationView {
  return {
    id: "c1",
    title: "Greeting",
    isPinned: false,
    createdAt,
    updatedAt: createdAt,
    model: { name: "heron", displayName: "Heron" },
    systemPrompt: "",
    parameters: {},
    leafId: "a1",
    messages: [promptOf(), answerOf()],
    ...change,
  };
}

export function promptOf(change: Partial<UserMessage> = {}): UserMessage {
  return { role: "user", id: "p1", parentId: null, text: "Say hello", images: [], createdAt, ...change };
}

export function answerOf(change: Partial<AssistantMessage> = {}): AssistantMessage {
  return {
    role: "assistant",
    id: "a1",
    parentId: "p1",
    text: "Hello",
    createdAt,
    status: "finished",
    model: { name: "heron", displayName: "Heron" },
    isTruncated: false,
    failure: null,
    promptTokens: null,
    completionTokens: null,
    firstTokenMs: null,
    totalMs: null,
    feedback: null,
    ...change,
  };
}

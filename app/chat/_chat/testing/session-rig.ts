import { afterEach, beforeEach, vi } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import type { EventConnectionOptions } from "@/app/_data/event-connection";
import type { ChatEvent, ConversationView } from "@/lib/protocol";
import { chatApi } from "../chat-api";
import { createChatSession } from "../chat-session";
import { settingsOf } from "../chat-state";
import { createChatStore } from "../chat-store";
import { answerOf, conversationOf, promptOf } from "./conversation-of";

// For tests of what the session does: its calls and its stream are played by hand. To be imported before what it stands for.

type Options = EventConnectionOptions<ConversationView | null, ChatEvent>;
/** The stream, as far as the session sees it. */
const stream = vi.hoisted(() => ({
  options: null as unknown,
  attach: vi.fn(),
  detach: vi.fn(),
}));
vi.mock("../chat-api");
vi.mock("@/app/_data/backoff", () => ({ backoffMs: () => 0, waitToReconnect: () => Promise.resolve() }));
vi.mock("@/app/_data/event-connection", () => ({
  createEventConnection: (options: unknown) => {
    stream.options = options;
    return stream;
  },
}));

export const api = vi.mocked(chatApi);
export const heron = { name: "heron", displayName: "Heron" };
export const stork = { name: "stork", displayName: "Stork" };
export const lost = () => new ApiError("network");
export const first = conversationOf();
/** What the server has after a second message. */
export const followed = (text: string, change: Partial<ConversationView> = {}) =>
  conversationOf({
    leafId: "a2",
    messages: [
      ...first.messages,
      promptOf({ id: "p2", parentId: "a1", text }),
      answerOf({ id: "a2", parentId: "p2" }),
    ],
    ...change,
  });

/** A promise that the test settles. */
export function pending<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

export function page() {
  const store = createChatStore();
  const navigate = vi.fn();
  const session = createChatSession(store, navigate);
  return { store, session, navigate, shown: () => settingsOf(store.get()) };
}

/** A page on which the first conversation stands. */
export async function opened() {
  const all = page();
  api.get.mockResolvedValueOnce(first);
  await all.session.open("c1");
  return all;
}

export const settle = () => vi.advanceTimersByTimeAsync(3_000);

/** A page of a new chat whose first message is on its way. */
export async function starting() {
  const all = page();
  const answer = pending<ConversationView>();
  api.start.mockReturnValueOnce(answer.promise);
  all.session.settings.setModel("heron");
  const sending = all.session.send("Say hello");
  await settle();
  return { ...all, answer, sending };
}

export function snapshot(conversation: ConversationView) {
  const options = stream.options as Options;
  options.onEvent?.(conversation.id, { type: "snapshot", conversation });
  options.write(conversation);
}

export const kept = new Map<string, string>();

beforeEach(() => {
  vi.useFakeTimers();
  kept.clear();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetAllMocks();
});

export { stream };

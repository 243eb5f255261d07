import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import type { EventConnectionOptions } from "@/app/_data/event-connection";
import type { ChatEvent, ConversationView } from "@/lib/protocol";
import { chatApi } from "./chat-api";
import { createChatSession } from "./chat-session";
import { settingsOf } from "./chat-state";
import { createChatStore } from "./chat-store";
import { answerOf, conversationOf, promptOf } from "./test-support";

type Options = EventConnectionOptions<ConversationView | null, ChatEvent>;
/** The stream, as far as the session sees it. */
const stream = vi.hoisted(() => ({
  options: null as unknown,
  attach: vi.fn(),
  detach: vi.fn(),
}));
vi.mock("./chat-api");
vi.mock("@/app/_data/backoff", () => ({ backoffMs: () => 0, waitToReconnect: () => Promise.resolve() }));
vi.mock("@/app/_data/event-connection", () => ({
  createEventConnection: (options: unknown) => {
    stream.options = options;
    return stream;
  },
}));

const api = vi.mocked(chatApi);
const heron = { name: "heron", displayName: "Heron" };
const stork = { name: "stork", displayName: "Stork" };
const lost = () => new ApiError("network");
const first = conversationOf();
/** What the server has after a second message. */
const followed = (text: string, change: Partial<ConversationView> = {}) =>
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
function pending<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

function page() {
  const store = createChatStore();
  const navigate = vi.fn();
  const session = createChatSession(store, navigate);
  return { store, session, navigate, shown: () => settingsOf(store.get()) };
}

/** A page on which the first conversation stands. */
async function opened() {
  const all = page();
  api.get.mockResolvedValueOnce(first);
  await all.session.open("c1");
  return all;
}

const settle = () => vi.advanceTimersByTimeAsync(3_000);

function snapshot(conversation: ConversationView) {
  const options = stream.options as Options;
  options.onEvent?.(conversation.id, { type: "snapshot", conversation });
  options.write(conversation);
}

const kept = new Map<string, string>();

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

describe("the settings that are shown", () => {
  it("follow what another tab has stored", async () => {
    const { session, shown } = await opened();
    api.models.mockResolvedValue({ models: [] });
    api.list.mockResolvedValue({ conversations: [], nextCursor: null });
    api.get.mockResolvedValueOnce({ ...first, model: stork, parameters: { temperature: 1 } });
    await session.refetch();
    expect(shown()).toEqual({ model: stork, systemPrompt: "", parameters: { temperature: 1 } });
  });

  it("are stored alone: what this tab did not set it does not overwrite", async () => {
    const { session, shown } = await opened();
    api.change.mockResolvedValueOnce({ ...first, model: stork, systemPrompt: "Be brief." });
    session.settings.setSystemPrompt("Be brief.");
    await settle();
    expect(api.change.mock.calls).toEqual([["c1", { systemPrompt: "Be brief.", model: undefined }]]);
    expect(shown()).toMatchObject({ model: stork, systemPrompt: "Be brief." });
  });

  it("go with the message, and what is set while it is on its way is stored after it", async () => {
    const { session, store, shown } = page();
    const answer = pending<ConversationView>();
    api.start.mockReturnValueOnce(answer.promise);
    session.settings.setModel("heron");
    const sending = session.send("Say hello");
    await settle();
    session.settings.setParameters({ temperature: 0.3 });
    await settle();
    expect(api.change).not.toHaveBeenCalled();
    api.change.mockResolvedValueOnce({ ...first, parameters: { temperature: 0.3 } });
    answer.resolve(first);
    await sending;
    expect(shown().parameters).toEqual({ temperature: 0.3 });
    await settle();
    expect(api.change.mock.calls).toEqual([["c1", { parameters: { temperature: 0.3 }, model: undefined }]]);
    expect(store.get().edits).toEqual({});
  });

  it("stay shown and say so where they cannot be stored, and the message carries them", async () => {
    const { session, store, shown } = await opened();
    api.change.mockRejectedValue(new ApiError("model_not_found"));
    session.settings.setModel("stork");
    await settle();
    expect(store.get()).toMatchObject({ isUnsaved: true, problem: { code: "model_not_found" } });
    expect(shown().model).toMatchObject({ name: "stork" });
    api.send.mockResolvedValueOnce(followed("Go on", { model: stork }));
    await session.send("Go on");
    expect(api.send.mock.calls[0]?.[1]).toMatchObject({ model: "stork", systemPrompt: "", parameters: {} });
    expect(store.get()).toMatchObject({ isUnsaved: false, edits: {} });
  });

  it("are tried again where the failure passes", async () => {
    const { session, store } = await opened();
    api.change.mockRejectedValueOnce(lost()).mockResolvedValueOnce({ ...first, systemPrompt: "Be brief." });
    session.settings.setSystemPrompt("Be brief.");
    await settle();
    expect(api.change).toHaveBeenCalledTimes(2);
    expect(store.get()).toMatchObject({ isUnsaved: false, edits: {} });
  });

  it("wait for as long as a limit says", async () => {
    const { session, store } = await opened();
    api.change.mockRejectedValueOnce(new ApiError("rate_limited", { retryAfterSeconds: 60 }));
    api.change.mockResolvedValueOnce({ ...first, systemPrompt: "Be brief." });
    session.settings.setSystemPrompt("Be brief.");
    await settle();
    expect(store.get()).toMatchObject({ isUnsaved: true, problem: { code: "rate_limited" } });
    await vi.advanceTimersByTimeAsync(50_000);
    expect(api.change).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(store.get()).toMatchObject({ isUnsaved: false, edits: {} });
  });

  it("name the model of before where an answer by another one failed", async () => {
    const { session, shown, store } = await opened();
    api.regenerate.mockRejectedValueOnce(new ApiError("no_worker_available"));
    const regenerating = session.regenerate("a1", "stork");
    expect(store.get().outgoing?.model.name).toBe("stork");
    await regenerating;
    expect(shown().model).toEqual(heron);
    expect(api.regenerate.mock.calls[0]?.[1]).toMatchObject({ model: "stork" });
  });
});

describe("a message whose answer is lost", () => {
  it("is asked for again with the same key", async () => {
    const { session, store } = await opened();
    api.send.mockRejectedValueOnce(lost()).mockRejectedValueOnce(lost());
    api.send.mockResolvedValueOnce(followed("Go on"));
    await session.send("Go on");
    const keys = api.send.mock.calls.map(([, { idempotencyKey }]) => idempotencyKey);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(store.get()).toMatchObject({ draft: "", outgoing: null, problem: null });
  });

  it("comes back with its key, and with another text or model with another", async () => {
    const { session, store } = await opened();
    api.send.mockRejectedValue(lost());
    const keyOf = async (text: string) => {
      await session.send(text);
      return api.send.mock.lastCall?.[1].idempotencyKey;
    };
    const key = await keyOf("Go on");
    expect(store.get()).toMatchObject({ draft: "Go on", problem: { code: "network", isTextKept: true } });
    expect(await keyOf("Go on")).toBe(key);
    expect(await keyOf("Go on!")).not.toBe(key);
    const changed = await keyOf("Go on!");
    session.settings.setModel("stork");
    expect(await keyOf("Go on!")).not.toBe(changed);
  });

  it("has its key still when the tab was loaded anew", async () => {
    api.send.mockRejectedValue(lost());
    for (const _ of ["before", "after"]) await (await opened()).session.send("Go on");
    const keys = api.send.mock.calls.map(([, { idempotencyKey }]) => idempotencyKey);
    expect(keys).toHaveLength(6);
    expect(new Set(keys).size).toBe(1);
  });

  it("is found in the stream, and then leaves the composer", async () => {
    const { session, store } = await opened();
    api.send.mockRejectedValue(lost());
    await session.send("Go on");
    expect(stream.attach).toHaveBeenLastCalledWith("c1");
    store.set({ draft: "Go on\n\nAnd then" });
    snapshot(first);
    expect(store.get().draft).toBe("Go on\n\nAnd then");
    snapshot(followed("Go on"));
    expect(store.get()).toMatchObject({ draft: "And then", problem: null });
    // Answered now: the same words once more are another message.
    const [former] = api.send.mock.calls;
    await session.send("Go on");
    expect(api.send.mock.lastCall?.[1].idempotencyKey).not.toBe(former?.[1].idempotencyKey);
  });

  it("may be an answer that is given again: one key, and the stream shows whether it is there", async () => {
    const { session, store } = await opened();
    api.regenerate.mockRejectedValue(lost());
    await session.regenerate("a1");
    const keys = api.regenerate.mock.calls.map(([, { idempotencyKey }]) => idempotencyKey);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(stream.attach).toHaveBeenLastCalledWith("c1");
    expect(store.get()).toMatchObject({ outgoing: null, draft: "", problem: { isTextKept: false } });
  });

  it("is not asked for again where the server has refused it", async () => {
    const { session, store } = await opened();
    api.send.mockRejectedValueOnce(new ApiError("content_refused"));
    await session.send("Go on");
    expect(api.send).toHaveBeenCalledTimes(1);
    expect(store.get()).toMatchObject({ draft: "Go on", problem: { code: "content_refused" } });
  });
});

describe("a conversation that is left while its message is on its way", () => {
  it("gets its message all the same", async () => {
    const { session, store } = await opened();
    const answer = pending<ConversationView>();
    api.send.mockReturnValueOnce(answer.promise);
    const sending = session.send("Go on");
    await settle();
    session.newChat();
    expect(store.get()).toMatchObject({ outgoing: null, conversation: null, draft: "" });
    expect(api.send.mock.lastCall?.[2].aborted).toBe(false);
    api.get.mockResolvedValueOnce(first);
    await session.open("c1");
    expect(store.get().outgoing).toMatchObject({ text: "Go on" });
    answer.resolve(followed("Go on"));
    await sending;
    expect(store.get()).toMatchObject({ outgoing: null, left: [], conversation: { leafId: "a2" } });
  });

  it("keeps the text of a message that did not go out, until it is opened again", async () => {
    const { session, store } = await opened();
    const answer = pending<ConversationView>();
    api.send.mockReturnValueOnce(answer.promise);
    const sending = session.send("Go on");
    await settle();
    session.newChat();
    expect(kept.get("chat-draft")).toBe("Go on");
    answer.reject(new ApiError("no_worker_available"));
    await sending;
    expect(kept.get("chat-draft")).toBe("Go on");
    expect(store.get()).toMatchObject({ draft: "", left: [{ conversationId: "c1", isOut: false }] });
    api.get.mockResolvedValueOnce(first);
    await session.open("c1");
    expect(store.get()).toMatchObject({ draft: "Go on", left: [] });
  });

  it("gives the first message of a new chat back to the page of a new chat", async () => {
    const { session, store } = page();
    session.settings.setModel("heron");
    const answer = pending<ConversationView>();
    api.start.mockReturnValueOnce(answer.promise);
    const sending = session.send("Say hello");
    await settle();
    session.newChat();
    answer.reject(new ApiError("no_worker_available"));
    await sending;
    expect(store.get()).toMatchObject({ draft: "Say hello", left: [], problem: { isTextKept: true } });
  });
});

describe("stopping what is on its way", () => {
  it("gives the text back where the server does not have it", async () => {
    const { session, store } = await opened();
    api.send.mockReturnValueOnce(pending<ConversationView>().promise);
    void session.send("Go on");
    await settle();
    api.stop.mockResolvedValueOnce(first);
    await session.stop();
    expect(api.send.mock.lastCall?.[2].aborted).toBe(true);
    expect(store.get()).toMatchObject({ draft: "Go on", outgoing: null, isStopping: false, problem: null });
  });

  it("shows the message stopped where the server has it already", async () => {
    const { session, store } = await opened();
    api.send.mockReturnValueOnce(pending<ConversationView>().promise);
    void session.send("Go on");
    await settle();
    api.stop.mockResolvedValueOnce(followed("Go on"));
    await session.stop();
    expect(store.get()).toMatchObject({ draft: "", outgoing: null, conversation: { leafId: "a2" } });
  });

  it("stops a new conversation when its id comes; its text is back at once, and another message when sent again", async () => {
    const { session, store, navigate } = page();
    const answer = pending<ConversationView>();
    api.start.mockReturnValueOnce(answer.promise);
    session.settings.setModel("heron");
    void session.send("Say hello");
    await settle();
    await session.stop();
    expect(store.get()).toMatchObject({ draft: "Say hello", outgoing: null, isStopping: false });
    const ends = api.start.mock.lastCall?.[1];
    expect([ends?.signal.aborted, ends?.until.aborted]).toEqual([false, true]);
    api.stop.mockResolvedValueOnce(first);
    answer.resolve(first);
    await settle();
    expect(api.stop.mock.calls).toEqual([["c1"]]);
    expect(store.get()).toMatchObject({ draft: "Say hello", conversation: null, problem: null });
    expect(store.get().list.conversations).toMatchObject([{ id: "c1" }]);
    expect(navigate).not.toHaveBeenCalled();
    api.start.mockReturnValueOnce(pending<ConversationView>().promise);
    void session.send("Say hello");
    await settle();
    expect(new Set(api.start.mock.calls.map(([{ idempotencyKey }]) => idempotencyKey)).size).toBe(2);
  });

  it("leaves a new conversation alone whose message was sent again meanwhile", async () => {
    const { session, store } = page();
    const [former, latter] = [pending<ConversationView>(), pending<ConversationView>()];
    api.start.mockReturnValueOnce(former.promise).mockReturnValueOnce(latter.promise);
    session.settings.setModel("heron");
    void session.send("Say hello");
    await settle();
    await session.stop();
    void session.send("Say hello");
    await settle();
    former.resolve(first);
    latter.resolve(first);
    await settle();
    expect(new Set(api.start.mock.calls.map(([{ idempotencyKey }]) => idempotencyKey)).size).toBe(1);
    expect(api.stop).not.toHaveBeenCalled();
    expect(store.get()).toMatchObject({ draft: "", conversation: { id: "c1" } });
  });

  it("does not send again a first message that was taken back and whose answer is lost", async () => {
    const { session, store } = page();
    const answer = pending<ConversationView>();
    api.start.mockReturnValueOnce(answer.promise);
    session.settings.setModel("heron");
    void session.send("Say hello");
    await settle();
    await session.stop();
    answer.reject(lost());
    await settle();
    expect(api.start).toHaveBeenCalledTimes(1);
    expect(store.get()).toMatchObject({ draft: "Say hello", problem: null });
  });

  it("ends an answer that is to be given again", async () => {
    const { session, store } = await opened();
    api.regenerate.mockReturnValueOnce(pending<ConversationView>().promise);
    void session.regenerate("a1");
    await settle();
    api.stop.mockResolvedValueOnce(first);
    await session.stop();
    expect(store.get()).toMatchObject({ outgoing: null, isStopping: false, draft: "" });
  });
});

describe("the page", () => {
  it("gives up the address of a conversation that is gone", async () => {
    const { session, store, navigate } = page();
    api.get.mockRejectedValueOnce(new ApiError("conversation_not_found"));
    await session.open("c1");
    expect(navigate.mock.calls).toEqual([[null, { isGone: true }]]);
    expect(store.get().problem?.code).toBe("conversation_not_found");
  });

  it("is not put back by an older answer than the one it shows", async () => {
    const { session, store } = await opened();
    api.models.mockResolvedValue({ models: [] });
    api.list.mockResolvedValue({ conversations: [], nextCursor: null });
    const old = pending<ConversationView>();
    api.get.mockReturnValueOnce(old.promise);
    const refetching = session.refetch();
    api.send.mockResolvedValueOnce(followed("Go on"));
    await session.send("Go on");
    old.resolve(first);
    await refetching;
    expect(store.get().conversation?.messages).toHaveLength(4);
  });

  it("says of models that could not be fetched that they could not, not that there are none", async () => {
    const { session, store } = page();
    api.models.mockRejectedValueOnce(lost());
    await session.settings.loadModels();
    expect(store.get()).toMatchObject({ models: null, modelsProblem: "network" });
    await session.send("Say hello");
    expect(store.get().problem?.code).toBe("network");
  });
});

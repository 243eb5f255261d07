import { describe, expect, it } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import type { ConversationView } from "@/lib/protocol";
import {
  api,
  first,
  followed,
  kept,
  lost,
  opened,
  pending,
  settle,
  snapshot,
  starting,
  stream,
} from "./testing/session-rig";

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
  async function left() {
    const rig = await opened();
    const answer = pending<ConversationView>();
    api.send.mockReturnValueOnce(answer.promise);
    const sending = rig.session.send("Go on");
    await settle();
    rig.session.newChat();
    return { ...rig, answer, sending };
  }

  it("gets its message all the same", async () => {
    const { session, store, answer, sending } = await left();
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
    const { session, store, answer, sending } = await left();
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
    const { session, store, answer, sending } = await starting();
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
    const { session, store, navigate, answer } = await starting();
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
    const { session, store, answer: former } = await starting();
    const latter = pending<ConversationView>();
    await session.stop();
    api.start.mockReturnValueOnce(latter.promise);
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
    const { session, store, answer } = await starting();
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

import { v4 as uuid } from "uuid";
import { readyImages, toDraftImages } from "@/app/_components/images/draft-image";
import { createImageDrafts } from "@/app/_components/images/image-drafts";
import { toApiError } from "@/app/_data/api-error";
import { backoffMs, waitToReconnect } from "@/app/_data/backoff";
import { createEventConnection } from "@/app/_data/event-connection";
import { isPassing, type Problem, problemOf } from "@/app/_data/problem";
import { newestLeafOf } from "@/lib/message-tree";
import type { ChatEvent, ConversationView, Feedback, ImageView } from "@/lib/protocol";
import { applyEvent } from "./apply-event";
import { chatApi } from "./chat-api";
import { createChatList } from "./chat-list";
import { createChatSettings } from "./chat-settings";
import { type ChatState, isRunning, type Outgoing } from "./chat-state";
import type { ChatStore } from "./chat-store";
import { parseChatEvent } from "./parse-event";

export type ChatSession = ReturnType<typeof createChatSession>;

/** Everything the page does with conversations. Whatever fails, what was typed stays. */
export function createChatSession(store: ChatStore, onConversation: (id: string | null) => void) {
  /** Ends what belongs to the conversation that is being left. */
  let scope = new AbortController();
  const list = createChatList(store);
  const settings = createChatSettings(store);

  const connection = createEventConnection<ConversationView | null, ChatEvent>({
    pathOf: chatApi.eventsPath,
    parse: parseChatEvent,
    read: () => store.get().conversation,
    write: (conversation) => store.set({ conversation }),
    apply: applyEvent,
    isRunning,
    onConnection: (state) => {
      if (store.get().connection !== state) store.set({ connection: state });
    },
    onEvent: (id, event) => {
      if (event.type !== "deleted") return false;
      list.forget(id);
      leaveFor(null);
      return true;
    },
    refusals: ["conversation_not_found", "forbidden"],
    onRefused: (error) => store.set({ problem: problemOf(error, false) }),
  });

  /** Drops the conversation that is shown; what stands in the composer stays there. */
  function reset(change: Partial<ChatState> = {}) {
    scope.abort();
    scope = new AbortController();
    settings.flush();
    connection.detach();
    store.set({
      conversation: null,
      restoring: null,
      outgoing: null,
      branchPoint: null,
      isStopping: false,
      problem: null,
      ...change,
    });
  }

  function leaveFor(id: string | null) {
    reset();
    if (id === null) settings.clear();
    onConversation(id);
  }

  /** The conversation of the address: what was written so far, then the rest as it comes. Null: a new one. */
  async function open(id: string | null) {
    const { conversation, restoring } = store.get();
    if (id === null) {
      if (conversation === null && restoring === null) return;
      reset();
      settings.clear();
      return;
    }
    if (conversation?.id === id || restoring === id) return;
    reset({ restoring: id });
    const { signal } = scope;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const found = await chatApi.get(id, signal);
        if (signal.aborted) return;
        settings.takeFrom(found);
        show(found, { restoring: null });
        return;
      } catch (error) {
        if (signal.aborted) return;
        const failure = toApiError(error);
        if (!isPassing(failure)) {
          reset({ problem: problemOf(failure, false) });
          onConversation(null);
          return;
        }
        await waitToReconnect(backoffMs(attempt, Math.random), signal);
      }
    }
  }

  function show(conversation: ConversationView, change: Partial<ChatState> = {}) {
    store.set({ conversation, outgoing: null, ...change });
    list.update(conversation);
    if (isRunning(conversation)) connection.attach(conversation.id);
  }

  /** A message at the end of what is shown, or at the beginning of a new conversation. */
  async function send(text: string) {
    const { conversation, branchPoint, images } = store.get();
    await ask(text, readyImages(images), branchPoint ?? conversation?.leafId ?? null, true);
  }

  /** The prompt in other words and with the same images, as a branch beside the first. */
  async function edit(messageId: string, text: string) {
    const message = store.get().conversation?.messages.find(({ id }) => id === messageId);
    if (message?.role === "user") await ask(text, message.images, message.parentId, false);
  }

  async function ask(
    text: string,
    shown: readonly ImageView[],
    parentId: string | null,
    isFromComposer: boolean,
  ) {
    const { conversation, settings: chosen, draft, images: drafts } = store.get();
    if (chosen.model === null) {
      store.set({
        problem: { code: "no_worker_available", retryAt: null, isTextKept: true },
      });
      return;
    }
    const { signal } = scope;
    const idempotencyKey = uuid();
    connection.detach();
    store.set({
      outgoing: { kind: "message", text, images: shown, parentId },
      draft: isFromComposer ? "" : draft,
      images: isFromComposer ? [] : drafts,
      problem: null,
    });
    const ids = shown.length === 0 ? undefined : shown.map(({ id }) => id);
    try {
      if (conversation === null) {
        const { model, systemPrompt, parameters } = chosen;
        const request = { model: model.name, systemPrompt, parameters, text, images: ids, idempotencyKey };
        const started = await chatApi.start(request, signal);
        if (signal.aborted) return;
        show(started);
        onConversation(started.id);
      } else {
        await settings.flush();
        const next = await chatApi.send(
          conversation.id,
          { text, images: ids, parentId, idempotencyKey },
          signal,
        );
        if (!signal.aborted) show(next, { branchPoint: null });
      }
    } catch (error) {
      // The images of an edited prompt are still with the first.
      const back = isFromComposer ? shown : [];
      if (!signal.aborted) giveBack(text, back, problemOf(toApiError(error), true));
    }
  }

  function giveBack(text: string, images: readonly ImageView[], problem: Problem | null) {
    const { draft, images: others } = store.get();
    const kept = draft === "" || draft === text ? text : `${text}\n\n${draft}`;
    store.set({ outgoing: null, draft: kept, images: [...toDraftImages(images), ...others], problem });
  }

  /** The same prompt again, beside the first answer; with another model where one is named. */
  async function regenerate(messageId: string, model?: string) {
    const { conversation } = store.get();
    const message = conversation?.messages.find(({ id }) => id === messageId);
    if (conversation === null || message?.role !== "assistant") return;
    const { signal } = scope;
    const outgoing: Outgoing = { kind: "answer", promptId: message.parentId };
    connection.detach();
    if (model !== undefined) settings.setModel(model, { isStored: true });
    store.set({ outgoing, problem: null, branchPoint: null });
    try {
      await settings.flush();
      const request = { messageId, model, idempotencyKey: uuid() };
      const next = await chatApi.regenerate(conversation.id, request, signal);
      if (!signal.aborted) show(next);
    } catch (error) {
      if (!signal.aborted) store.set({ outgoing: null, problem: problemOf(toApiError(error), false) });
    }
  }

  async function stop() {
    const { conversation, outgoing } = store.get();
    if (conversation === null && outgoing?.kind === "message") {
      // Not yet answered by the server: nothing to stop there, the text comes back.
      scope.abort();
      scope = new AbortController();
      return giveBack(outgoing.text, outgoing.images, null);
    }
    if (conversation === null || !isRunning(conversation)) return;
    store.set({ isStopping: true });
    await change(conversation.id, () => chatApi.stop(conversation.id));
    store.set({ isStopping: false });
  }

  /** Turns to the branch with this message. */
  async function select(messageId: string) {
    const { conversation } = store.get();
    if (conversation === null) return;
    const leafId = newestLeafOf(conversation.messages, messageId);
    store.set({ conversation: { ...conversation, leafId }, branchPoint: null });
    await change(conversation.id, () => chatApi.select(conversation.id, messageId));
  }

  async function rate(messageId: string, feedback: Feedback | null) {
    const { conversation } = store.get();
    if (conversation === null) return;
    await change(conversation.id, () => chatApi.rate(conversation.id, { messageId, feedback }));
  }

  /** One call that changes the conversation; what the stream brings meanwhile is newer than its answer. */
  async function change(id: string, call: () => Promise<ConversationView>) {
    const { signal } = scope;
    try {
      const next = await call();
      if (signal.aborted || store.get().conversation?.id !== id) return;
      // While an answer is written the stream sends the same as a snapshot, in its order.
      if (!isRunning(next)) {
        connection.detach();
        store.set({ conversation: next });
      } else if (store.get().connection === "closed") show(next);
    } catch (error) {
      if (!signal.aborted) store.set({ problem: problemOf(toApiError(error), false) });
    }
  }

  /** The conversation may have gone on in another tab. */
  async function refetch() {
    const { conversation, outgoing } = store.get();
    void list.reload();
    void settings.loadModels();
    if (conversation === null || outgoing !== null || isRunning(conversation)) return;
    await change(conversation.id, () => chatApi.get(conversation.id));
  }

  async function remove(id: string) {
    if (store.get().conversation?.id === id) leaveFor(null);
    await list.remove(id);
  }

  async function undoRemove() {
    const id = await list.undoRemove();
    if (id !== null) onConversation(id);
  }

  return {
    open,
    send,
    edit,
    regenerate,
    stop,
    select,
    rate,
    refetch,
    remove,
    undoRemove,
    list,
    settings,
    images: createImageDrafts(store),
    newChat: () => leaveFor(null),
  };
}

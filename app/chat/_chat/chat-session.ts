import { readyImages } from "@/app/_components/images/draft-image";
import { createImageDrafts } from "@/app/_components/images/image-drafts";
import { toApiError } from "@/app/_data/api-error";
import { backoffMs, waitToReconnect } from "@/app/_data/backoff";
import { createEventConnection } from "@/app/_data/event-connection";
import { isPassing, problemOf } from "@/app/_data/problem";
import { newestLeafOf } from "@/lib/message-tree";
import type { ChatEvent, ConversationView, Feedback } from "@/lib/protocol";
import { applyEvent } from "./apply-event";
import { chatApi } from "./chat-api";
import { createChatList } from "./chat-list";
import { createChatOutbox } from "./chat-outbox";
import { createChatSettings } from "./chat-settings";
import { type ChatState, isRunning } from "./chat-state";
import type { ChatStore } from "./chat-store";
import { parseChatEvent } from "./parse-event";

export type ChatSession = ReturnType<typeof createChatSession>;

/** `isGone`: the address that was there leads nowhere, so the back button must not lead to it again. */
type Navigate = (id: string | null, options?: { isGone: boolean }) => void;

/** Everything the page does with conversations. Whatever fails, what was typed stays. */
export function createChatSession(store: ChatStore, onConversation: Navigate) {
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
      if (event.type === "snapshot") outbox.confirm(event.conversation);
      if (event.type !== "deleted") return false;
      list.forget(id);
      leaveGone();
      return true;
    },
    refusals: ["conversation_not_found", "forbidden"],
    onRefused: (error) => store.set({ problem: problemOf(error, false) }),
  });

  const outbox = createChatOutbox({ store, list, settings, connection, show, onStarted: onConversation });

  /** Drops the conversation that is shown; what stands in the composer stays there. */
  function reset(change: Partial<ChatState> = {}) {
    scope.abort();
    scope = new AbortController();
    connection.detach();
    store.set({
      ...{ conversation: null, restoring: null, branchPoint: null, isStopping: false, problem: null },
      ...settings.fresh(),
      ...outbox.leave(),
      ...change,
    });
  }

  /** The page of a new conversation, in the place of one that is no more. */
  function leaveGone(change: Partial<ChatState> = {}) {
    reset(change);
    onConversation(null, { isGone: true });
    outbox.resume(null);
  }

  function newChat() {
    settings.leave();
    reset();
    onConversation(null);
    outbox.resume(null);
  }

  /** The conversation of the address: what was written so far, then the rest as it comes. Null: a new one. */
  async function open(id: string | null) {
    const { conversation, restoring } = store.get();
    if (id === null) {
      if (conversation === null && restoring === null) return;
      newChat();
      return;
    }
    if (conversation?.id === id || restoring === id) return;
    settings.leave();
    reset({ restoring: id });
    const { signal } = scope;
    // What has just been set there must be in what is read.
    await settings.settled();
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const found = await chatApi.get(id, signal);
        // A message that was on its way may have brought the conversation first.
        if (signal.aborted || store.get().restoring !== id) return;
        show(found, { restoring: null, edits: {} });
        outbox.resume(id);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const failure = toApiError(error);
        if (!isPassing(failure)) {
          if (failure.code === "conversation_not_found") list.forget(id);
          leaveGone({ problem: problemOf(failure, false) });
          return;
        }
        await waitToReconnect(backoffMs(attempt, Math.random), signal);
      }
    }
  }

  function show(conversation: ConversationView, change: Partial<ChatState> = {}) {
    store.set({ conversation, outgoing: null, ...change });
    outbox.confirm(conversation);
    list.update(conversation);
    if (isRunning(conversation)) connection.attach(conversation.id);
    settings.plan();
  }

  /** A message at the end of what is shown, or at the beginning of a new conversation. */
  async function send(text: string) {
    const { conversation, branchPoint, images } = store.get();
    await outbox.ask(text, readyImages(images), branchPoint ?? conversation?.leafId ?? null, true);
  }

  /** The prompt in other words and with the same images, as a branch beside the first. */
  async function edit(messageId: string, text: string) {
    const message = store.get().conversation?.messages.find(({ id }) => id === messageId);
    if (message?.role === "user") await outbox.ask(text, message.images, message.parentId, false);
  }

  async function stop() {
    const { conversation, outgoing } = store.get();
    if (outgoing !== null) return outbox.recall();
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
      const { conversation } = store.get();
      if (signal.aborted || conversation?.id !== id) return;
      // Messages are only ever added: with fewer it is older than what a message sent meanwhile has brought.
      if (next.messages.length < conversation.messages.length) return;
      // While an answer is written the stream sends the same as a snapshot, in its order.
      if (!isRunning(next)) {
        connection.detach();
        store.set({ conversation: next });
        outbox.confirm(next);
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
    settings.plan();
    if (conversation === null || outgoing !== null || isRunning(conversation)) return;
    await change(conversation.id, () => chatApi.get(conversation.id));
  }

  async function remove(id: string) {
    if (store.get().conversation?.id === id) leaveGone();
    await list.remove(id);
  }

  /** Brings back what was deleted, and opens the last of it. */
  async function undoRemove() {
    const id = await list.undoRemove();
    if (id !== null) onConversation(id);
  }

  return {
    open,
    send,
    edit,
    regenerate: outbox.regenerate,
    stop,
    select,
    rate,
    refetch,
    remove,
    undoRemove,
    list,
    settings,
    images: createImageDrafts(store),
    newChat,
  };
}

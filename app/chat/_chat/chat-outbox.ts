import { v4 as uuid } from "uuid";
import { ApiError, toApiError } from "@/app/_data/api-error";
import { putBack, takeOut } from "@/app/_data/composer-text";
import type { EventConnection } from "@/app/_data/event-connection";
import { type Problem, problemOf } from "@/app/_data/problem";
import { resendLost } from "@/app/_data/resend-lost";
import type { ConversationView, ImageView } from "@/lib/protocol";
import { chatApi } from "./chat-api";
import type { ChatList } from "./chat-list";
import type { ChatSettings } from "./chat-settings";
import {
  type ChatState,
  holds,
  type LeftMessage,
  type Outgoing,
  type OutgoingMessage,
  settingsOf,
} from "./chat-state";
import type { ChatStore } from "./chat-store";
import { createUnansweredSends } from "./unanswered-sends";

type OutboxDeps = {
  store: ChatStore;
  list: ChatList;
  settings: ChatSettings;
  connection: EventConnection;
  /** Puts a conversation on the page, in the place of what was on its way. */
  show: (conversation: ConversationView, change?: Partial<ChatState>) => void;
  onStarted: (id: string) => void;
};

/** One request on its way. */
type Call = {
  outgoing: Outgoing;
  conversationId: string | null;
  /** The settings that it carries and that were not stored before. */
  edits: ChatState["edits"];
  abort: AbortController;
  /** Aborted where it was taken back before its conversation is known: it is heard to the end, but not sent again. */
  recall: AbortController;
};

/**
 * What is asked of the server: messages, edited prompts, answers given again. Each goes its way to the end, also when its
 * conversation is left meanwhile; a message that does not go out comes back into the composer of its conversation.
 */
export function createChatOutbox({ store, list, settings, connection, show, onStarted }: OutboxDeps) {
  const calls = new Map<string, Call>();
  const unanswered = createUnansweredSends();

  /** A message behind `parentId`, with the settings that the page shows; one that is not from the composer leaves it alone. */
  async function ask(
    text: string,
    shown: readonly ImageView[],
    parentId: string | null,
    isFromComposer: boolean,
  ) {
    const state = store.get();
    const { conversation, draft, images: drafts } = state;
    const { model, systemPrompt, parameters } = settingsOf(state);
    if (model === null) {
      const code = (state.models === null ? state.modelsProblem : null) ?? "no_worker_available";
      store.set({ problem: problemOf(new ApiError(code), true) });
      return;
    }
    const images = shown.map(({ id }) => id);
    const askedWith = { model: model.name, systemPrompt, parameters };
    const conversationId = conversation?.id ?? null;
    const { key, known } = unanswered.begin(
      conversationId,
      { ...askedWith, text, parentId, images },
      conversation?.messages.length ?? 0,
    );
    const outgoing = {
      kind: "message",
      key,
      known,
      model,
      text,
      images: shown,
      parentId,
      isFromComposer,
    } as const;
    const request = {
      ...{ ...askedWith, text, idempotencyKey: key },
      images: images.length === 0 ? undefined : images,
    };
    connection.detach();
    store.set({
      ...{ outgoing, problem: null },
      draft: isFromComposer ? "" : draft,
      images: isFromComposer ? [] : drafts,
    });
    await carry(outgoing, conversationId, (signal, until) =>
      conversationId === null
        ? chatApi.start(request, { signal, until })
        : chatApi.send(conversationId, { ...request, parentId }, signal),
    );
  }

  /** The same prompt again, beside the first answer; with another model where one is named, which answers from then on. */
  async function regenerate(messageId: string, modelName?: string) {
    const state = store.get();
    const { conversation } = state;
    const message = conversation?.messages.find(({ id }) => id === messageId);
    if (conversation === null || message?.role !== "assistant") return;
    const { systemPrompt, parameters, ...chosen } = settingsOf(state);
    const named = state.models?.find(({ name }) => name === modelName);
    const model =
      modelName === undefined
        ? (chosen.model ?? conversation.model)
        : { name: modelName, displayName: named?.displayName ?? modelName };
    const known = conversation.messages.length;
    const outgoing = { kind: "answer", key: uuid(), known, model, promptId: message.parentId } as const;
    const request = { messageId, model: model.name, systemPrompt, parameters, idempotencyKey: outgoing.key };
    connection.detach();
    store.set({ outgoing, problem: null, branchPoint: null });
    await carry(outgoing, conversation.id, async (signal) => {
      const next = await chatApi.regenerate(conversation.id, request, signal);
      if (modelName !== undefined) settings.keepModel(modelName);
      return next;
    });
  }

  async function carry(
    outgoing: Outgoing,
    conversationId: string | null,
    request: (signal: AbortSignal, until: AbortSignal) => Promise<ConversationView>,
  ) {
    const [abort, recall] = [new AbortController(), new AbortController()];
    const call: Call = { outgoing, conversationId, edits: store.get().edits, abort, recall };
    const { signal } = abort;
    const until = AbortSignal.any([signal, recall.signal]);
    // The same that was taken back is wanted after all: nobody may stop what the two begin together.
    calls.get(outgoing.key)?.abort.abort();
    calls.set(outgoing.key, call);
    try {
      // What is being stored was set before; it must not arrive after.
      await settings.settled();
      until.throwIfAborted();
      // With the same key: the server may have taken it all the same.
      const next = await resendLost(
        () => request(signal, until),
        until,
        () => {
          if (isShown(call) && !until.aborted) store.set({ connection: "reconnecting" });
        },
      );
      if (signal.aborted) return;
      if (recall.signal.aborted) await stopRecalled(call, next);
      else arrive(call, next);
    } catch (error) {
      if (!until.aborted) fail(call, toApiError(error));
    } finally {
      // The same again, after it was called back, is another call with the same key.
      if (calls.get(outgoing.key) === call) calls.delete(outgoing.key);
    }
  }

  function isShown({ outgoing }: Pick<Call, "outgoing">): boolean {
    return store.get().outgoing?.key === outgoing.key;
  }

  function arrive(call: Call, next: ConversationView) {
    const { outgoing, conversationId, edits } = call;
    if (outgoing.kind === "message") unanswered.forget(conversationId, outgoing.key);
    if (isShown(call)) {
      connection.detach();
      show(next, { branchPoint: null, ...settings.withoutStored(edits) });
      if (conversationId === null) onStarted(next.id);
      return;
    }
    takeLeft(outgoing.key);
    const { conversation, restoring, connection: reading, list: shown } = store.get();
    if (restoring === next.id) show(next, { restoring: null, edits: {} });
    else if (conversation?.id === next.id) {
      // Opened again meanwhile; while the stream is read it is ahead.
      if (reading === "closed") show(next);
    } else if (conversationId === null || shown.conversations.some(({ id }) => id === next.id)) {
      list.update(next);
    }
  }

  function fail(call: Call, error: ApiError) {
    const { outgoing, conversationId } = call;
    const isMessage = outgoing.kind === "message";
    if (isShown(call)) {
      connection.detach();
      if (isMessage) giveBack(outgoing, problemOf(error, true));
      else store.set({ outgoing: null, problem: problemOf(error, false) });
      settings.plan();
      // The server may have it all the same, or be at work for another tab: its stream says what there is.
      if (conversationId !== null && (error.code === "network" || error.code === "conversation_busy")) {
        connection.attach(conversationId);
      }
      return;
    }
    // Of an answer nothing is lost: its conversation shows what there is.
    const left = isMessage ? takeLeft(outgoing.key) : null;
    if (left === null) return;
    // Under an address that leads nowhere nobody would find it.
    const home = error.code === "conversation_not_found" ? null : conversationId;
    const { conversation, restoring, outgoing: other } = store.get();
    if (home === null && conversation === null && restoring === null && other === null) {
      giveBack(left.message, problemOf(error, true));
    } else store.set({ left: [...store.get().left, { ...left, conversationId: home, isOut: false }] });
  }

  /** Takes a message off those that were left. */
  function takeLeft(key: string): LeftMessage | null {
    const { left } = store.get();
    const found = left.find(({ message }) => message.key === key) ?? null;
    if (found !== null) store.set({ left: left.filter((other) => other !== found) });
    return found;
  }

  function giveBack({ text, images, isFromComposer }: OutgoingMessage, problem: Problem | null) {
    const back = putBack(store.get(), { text, images: isFromComposer ? images : [] });
    store.set({ outgoing: null, ...back, problem });
  }

  /** Only now is it known what is to be stopped. Its text has come back long since: sent again, it is another message. */
  async function stopRecalled({ outgoing }: Call, begun: ConversationView) {
    unanswered.forget(null, outgoing.key);
    list.update(begun);
    try {
      list.update(await chatApi.stop(begun.id));
    } catch (error) {
      store.set({ problem: problemOf(toApiError(error), false) });
    }
  }

  /** Stops what the server has not answered yet. What has reached it ends there; what has not comes back. */
  async function recall() {
    const { outgoing, conversation, isStopping } = store.get();
    if (outgoing === null || isStopping) return;
    const call = calls.get(outgoing.key);
    connection.detach();
    if (conversation === null) {
      // Of a conversation without an id nothing can be stopped yet. Where its answer gets lost, the same text again finds it.
      call?.recall.abort();
      if (outgoing.kind === "message") giveBack(outgoing, null);
      return;
    }
    call?.abort.abort();
    store.set({ isStopping: true });
    let stopped: ConversationView | null = null;
    let problem: Problem | null = null;
    try {
      stopped = await chatApi.stop(conversation.id);
    } catch (error) {
      problem = problemOf(toApiError(error), outgoing.kind === "message");
    }
    const hasArrived =
      stopped !== null &&
      (outgoing.kind === "message" ? holds(stopped, outgoing) : stopped.messages.length > outgoing.known);
    if (hasArrived) {
      unanswered.forget(conversation.id, outgoing.key);
      takeLeft(outgoing.key);
    }
    if (!isShown({ outgoing })) return;
    store.set({ isStopping: false });
    if (stopped !== null && hasArrived) show(stopped, settings.withoutStored(call?.edits ?? {}));
    else {
      if (outgoing.kind === "message") giveBack(outgoing, problem);
      else store.set({ outgoing: null, problem });
      settings.plan();
      connection.attach(conversation.id);
    }
  }

  /** What is on its way for the conversation that is being left goes on; see {@link resume}. */
  function leave(): Pick<ChatState, "outgoing" | "left"> {
    const { outgoing, conversation, left, isStopping } = store.get();
    if (outgoing?.kind !== "message") return { outgoing: null, left };
    const message = { conversationId: conversation?.id ?? null, message: outgoing, isOut: !isStopping };
    return { outgoing: null, left: [...left, message] };
  }

  /** A conversation is on the page again, or a new one is to begin: what was left of it comes back. */
  function resume(conversationId: string | null) {
    for (const { message, isOut, conversationId: home } of store.get().left) {
      if (home !== conversationId) continue;
      if (!isOut) {
        takeLeft(message.key);
        giveBack(message, null);
      } else if (conversationId !== null && store.get().outgoing === null) {
        takeLeft(message.key);
        connection.detach();
        store.set({ outgoing: message });
      }
    }
  }

  /** What is found in its conversation has gone out: its text need not stand in the composer any more. */
  function confirm(conversation: ConversationView) {
    const sent = unanswered.get(conversation.id);
    if (sent === null || store.get().outgoing?.key === sent.key || !holds(conversation, sent)) return;
    unanswered.forget(conversation.id, sent.key);
    takeLeft(sent.key);
    const rest = takeOut(store.get(), { text: sent.text, images: sent.images.map((id) => ({ id })) });
    if (rest.draft !== store.get().draft) store.set({ ...rest, problem: null });
  }

  return { ask, regenerate, recall, leave, resume, confirm };
}

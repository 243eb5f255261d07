import { toApiError } from "@/app/_data/api-error";
import { problemOf } from "@/app/_data/problem";
import type { ConversationSummary, ConversationView } from "@/lib/protocol";
import { chatApi } from "./chat-api";
import type { ConversationListState } from "./chat-state";
import type { ChatStore } from "./chat-store";

/** The conversations at the left. */
export function createChatList(store: ChatStore) {
  let loading: AbortController | null = null;

  function set(change: Partial<ConversationListState>) {
    store.set({ list: { ...store.get().list, ...change } });
  }

  function place(summary: ConversationSummary) {
    const { conversations, query } = store.get().list;
    const others = conversations.filter(({ id }) => id !== summary.id);
    // Whether it fits a search only the server can tell.
    if (query !== "" && others.length === conversations.length) return;
    const sorted = [summary, ...others].sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
    set({ conversations: sorted });
  }

  async function load(query: string, cursor: string | null) {
    loading?.abort();
    loading = new AbortController();
    const { signal } = loading;
    try {
      const page = await chatApi.list(query, cursor, signal);
      if (signal.aborted) return;
      const before = cursor === null ? [] : store.get().list.conversations;
      const known = new Set(before.map(({ id }) => id));
      const fresh = page.conversations.filter(({ id }) => !known.has(id));
      set({ status: "ready", conversations: [...before, ...fresh], nextCursor: page.nextCursor });
    } catch {
      if (!signal.aborted) set({ status: "failed" });
    }
  }

  async function change(id: string, request: { title: string } | { isPinned: boolean }) {
    const before = store.get().list.conversations.find((summary) => summary.id === id);
    if (before !== undefined) place({ ...before, ...request });
    try {
      const conversation = await chatApi.change(id, request);
      update(conversation);
      const open = store.get().conversation;
      if (open?.id === id) store.set({ conversation: { ...open, title: conversation.title } });
    } catch (error) {
      if (before !== undefined) place(before);
      store.set({ problem: problemOf(toApiError(error), false) });
    }
  }

  function update({ id, title, isPinned, createdAt, updatedAt }: ConversationView) {
    place({ id, title, isPinned, createdAt, updatedAt });
  }

  function forget(id: string) {
    set({ conversations: store.get().list.conversations.filter((summary) => summary.id !== id) });
  }

  return {
    update,
    forget,
    reload: () => load(store.get().list.query, null),
    more: () => load(store.get().list.query, store.get().list.nextCursor),
    search(query: string) {
      set({ query });
      return load(query, null);
    },
    rename: (id: string, title: string) => change(id, { title }),
    pin: (id: string, isPinned: boolean) => change(id, { isPinned }),
    async remove(id: string) {
      const summary = store.get().list.conversations.find((candidate) => candidate.id === id);
      if (summary === undefined) return;
      forget(id);
      try {
        await chatApi.remove(id);
        store.set({ deleted: summary });
      } catch (error) {
        place(summary);
        store.set({ problem: problemOf(toApiError(error), false) });
      }
    },
    /** The id of the conversation that is back; null where there was none to bring back, or it was too late. */
    async undoRemove(): Promise<string | null> {
      const { deleted } = store.get();
      if (deleted === null) return null;
      store.set({ deleted: null });
      try {
        update(await chatApi.restore(deleted.id));
        return deleted.id;
      } catch (error) {
        store.set({ problem: problemOf(toApiError(error), false) });
        return null;
      }
    },
  };
}

import { toApiError } from "@/app/_data/api-error";
import { problemOf } from "@/app/_data/problem";
import type { ConversationList, ConversationSummary, ConversationView } from "@/lib/protocol";
import { chatApi } from "./chat-api";
import type { ConversationListState } from "./chat-state";
import type { ChatStore } from "./chat-store";

export type ChatList = ReturnType<typeof createChatList>;

/** The conversations at the left. */
export function createChatList(store: ChatStore) {
  let loading: AbortController | null = null;
  /** How many pages are shown. */
  let pages = 1;

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

  /** The first `wanted` pages. What is shown changes when all of them have come. */
  async function load(query: string, wanted: number) {
    loading?.abort();
    loading = new AbortController();
    const { signal } = loading;
    try {
      const found = new Map<string, ConversationSummary>();
      let cursor: string | null = null;
      let read = 0;
      do {
        const page: ConversationList = await chatApi.list(query, cursor, signal);
        if (signal.aborted) return;
        for (const summary of page.conversations) found.set(summary.id, summary);
        cursor = page.nextCursor;
        read += 1;
      } while (cursor !== null && read < wanted);
      pages = read;
      set({ status: "ready", conversations: [...found.values()], nextCursor: cursor });
    } catch {
      if (!signal.aborted) set({ status: "failed" });
    }
  }

  async function more() {
    const { query, nextCursor } = store.get().list;
    if (nextCursor === null) return;
    loading?.abort();
    loading = new AbortController();
    const { signal } = loading;
    try {
      const page = await chatApi.list(query, nextCursor, signal);
      if (signal.aborted) return;
      pages += 1;
      const before = store.get().list.conversations;
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
    reload: () => load(store.get().list.query, pages),
    more,
    search(query: string) {
      set({ query });
      return load(query, 1);
    },
    rename: (id: string, title: string) => change(id, { title }),
    pin: (id: string, isPinned: boolean) => change(id, { isPinned }),
    async remove(id: string) {
      const summary = store.get().list.conversations.find((candidate) => candidate.id === id);
      if (summary === undefined) return;
      forget(id);
      try {
        await chatApi.remove(id);
        store.set({ deleted: [...store.get().deleted, summary] });
      } catch (error) {
        place(summary);
        store.set({ problem: problemOf(toApiError(error), false) });
      }
    },
    /**
     * Brings back everything that is offered. Gives the id of the one that was deleted last; null where nothing came back,
     * because it was too late.
     */
    async undoRemove(): Promise<string | null> {
      const { deleted } = store.get();
      store.set({ deleted: [] });
      let last: string | null = null;
      for (const { id } of deleted) {
        try {
          update(await chatApi.restore(id));
          last = id;
        } catch (error) {
          store.set({ problem: problemOf(toApiError(error), false) });
        }
      }
      return last;
    },
  };
}

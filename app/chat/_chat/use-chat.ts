"use client";

import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import { ApiError, type ApiErrorCode } from "@/app/_data/api-error";
import { problemOf } from "@/app/_data/problem";
import { type ChatSession, createChatSession } from "./chat-session";
import { type ChatState, initialChatState } from "./chat-state";
import { type ChatStore, createChatStore, keptDraft } from "./chat-store";

/**
 * The state of the chat page and what can be done with it. `conversationId` is what the address says; the page follows it,
 * and sets it without a navigation when a conversation begins.
 */
export function useChat(conversationId: string | null): {
  state: ChatState;
  session: ChatSession;
  setDraft: (draft: string) => void;
  /** The next message follows this answer; null: the end of the branch that is shown. */
  startBranch: (messageId: string | null) => void;
  /** Says why no image can go with the message. */
  refuseImages: (reason: ApiErrorCode) => void;
  /** The deletion is no longer offered to be undone. */
  endUndo: () => void;
} {
  const held = useRef<{ store: ChatStore; session: ChatSession }>(null);
  held.current ??= create();
  const { store, session } = held.current;
  const state = useSyncExternalStore(store.subscribe, store.get, () => initialChatState);

  useEffect(() => {
    const { draft, images } = keptDraft.read();
    if (draft !== "" || images.length > 0) store.set({ draft, images });
    void session.list.reload();
    void session.settings.loadModels();
    return () => session.settings.stop();
  }, [store, session]);

  useEffect(() => void session.open(conversationId), [conversationId, session]);

  useEffect(() => {
    const onVisible = () => {
      if (document.visibilityState === "visible") void session.refetch();
    };
    document.addEventListener("visibilitychange", onVisible);
    // Two windows side by side are both visible all the time.
    window.addEventListener("focus", onVisible);
    return () => {
      document.removeEventListener("visibilitychange", onVisible);
      window.removeEventListener("focus", onVisible);
    };
  }, [session]);

  const startBranch = useCallback((branchPoint: string | null) => store.set({ branchPoint }), [store]);

  return {
    state,
    session,
    setDraft: (draft) => {
      store.set({ draft, ...(store.get().problem?.retryAt == null ? { problem: null } : {}) });
    },
    startBranch,
    refuseImages: (code) => store.set({ problem: problemOf(new ApiError(code), false) }),
    endUndo: () => store.set({ deleted: [] }),
  };
}

function create() {
  const store = createChatStore();
  return { store, session: createChatSession(store, setAddress) };
}

/**
 * A conversation has an address from its first moment, so that a reload finds it, and the back button leads out of it. One that
 * is gone gives its address up.
 */
function setAddress(conversationId: string | null, options?: { isGone: boolean }): void {
  const address = conversationId === null ? "/chat" : `/chat/${conversationId}`;
  if (window.location.pathname === address) return;
  if (options?.isGone === true) window.history.replaceState(null, "", address);
  else window.history.pushState(null, "", address);
}

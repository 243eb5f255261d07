"use client";

import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { readyImages, toDraftImages } from "@/app/_components/images/draft-image";
import type { ApiErrorCode } from "@/app/_data/api-error";
import { readKept } from "@/app/_data/kept-text";
import type { Outcome, Side } from "@/lib/protocol";
import { type ArenaState, type Chosen, initialArenaState, openBattle } from "./arena-state";
import { type ArenaStore, createArenaStore, keptDraft, keptReplayKey } from "./arena-store";
import type { BattleSession } from "./battle-session";
import { warmUpBattle } from "./lazy-parts";
import { sides } from "./sides";

export type ArenaActions = {
  setDraft: (draft: string) => void;
  /** Together with the images that are ready. */
  send: (text: string) => void;
  addImages: (files: readonly File[]) => void;
  removeImage: (key: string) => void;
  refuseImages: (reason: ApiErrorCode) => void;
  cancelWaiting: () => void;
  regenerate: (prompt?: string) => void;
  stop: () => void;
  retry: (side: Side) => void;
  drawNewPair: () => void;
  vote: (outcome: Outcome) => void;
  newBattle: () => void;
  /** Puts the first prompt into the composer that the next page opens with, before what stands there. */
  carryPrompt: () => void;
  /** Of a comparison: another model on one side; the sides exchanged. */
  choose: (side: Side, model: string) => void;
  swap: () => void;
  /** What a new pair is still to be asked of the prompts before it: all of it now, or nothing. */
  resumeReplay: () => void;
  dropReplay: () => void;
};

/** Battles are drawn, unless the page says which models were chosen, by name. */
export type ArenaOptions = { battleId: string | null; chosen: Chosen | null };

/**
 * The state of the battle page and what can be done with it. `battleId` is what the address says; the page follows it, and
 * sets it without a navigation when a battle begins.
 */
export function useArena({ battleId, chosen }: ArenaOptions): { state: ArenaState; actions: ArenaActions } {
  const [initial] = useState(() => ({ ...initialArenaState, chosen }));
  const [store] = useState(() => createArenaStore(initial));
  const { subscribe, get } = store;
  const state = useSyncExternalStore(subscribe, get, () => initial);
  const { actions, call } = useMemo(() => createActions(store), [store]);

  useEffect(() => {
    const { draft, images } = keptDraft.read();
    if (draft !== "" || images.length > 0) store.set({ draft, images });
  }, [store]);

  useEffect(() => {
    // A render can lag behind the address: what it says of the former battle must not undo the new one.
    if (battleId !== new URLSearchParams(window.location.search).get("battle")) return;
    const current = store.get();
    if (battleId === null) {
      if (current?.battle != null || current?.restoring != null) call((session) => session.reset());
      else if (current.chosen !== null && readKept(keptReplayKey) !== null)
        call((session) => session.offerReplay());
    } else call((session) => session.open(battleId));
  }, [battleId, call, store]);

  // The battle may have gone on, or got its vote, in another window meanwhile.
  useEffect(() => {
    const onVisibility = () => {
      const battle = openBattle(store.get().battle);
      if (battle === null || battle.status === "running") return;
      if (document.visibilityState === "hidden") call((session) => session.rest());
      else if (store.get().vote.phase !== "saving") call((session) => session.refetch(battle.id));
    };
    document.addEventListener("visibilitychange", onVisibility);
    return () => document.removeEventListener("visibilitychange", onVisibility);
  }, [call, store]);

  return { state, actions };
}

function createActions(store: ArenaStore) {
  let loading: Promise<BattleSession> | null = null;
  let isWarm = false;
  function load(): Promise<BattleSession> {
    loading ??= import("./battle-session").then((module) =>
      module.createBattleSession(store, (id) => setAddress(id, store.get().chosen)),
    );
    // A download that failed is tried again with the next action.
    loading.catch(() => {
      loading = null;
      store.set({
        problem: { code: "network", retryAt: null, isTextKept: store.get().draft !== "" },
      });
    });
    return loading;
  }
  // A failed download has been told above.
  const call = (act: (session: BattleSession) => unknown) => void load().then(act, () => undefined);

  const actions: ArenaActions = {
    setDraft(draft) {
      if (draft !== "" && !isWarm) {
        isWarm = true;
        warmUpBattle();
        call(() => undefined);
      }
      // Changing a prompt that waits for a model takes it back; one of the former pair is not in the composer.
      if (store.get().waiting && !store.get().isReplayHeld) call((session) => session.cancelWaiting());
      store.set({ draft, ...(store.get().problem?.retryAt == null ? { problem: null } : {}) });
    },
    send: (text) => call((session) => session.send({ text, images: readyImages(store.get().images) })),
    addImages: (files) => call((session) => session.images.add(files)),
    removeImage: (key) => call((session) => session.images.remove(key)),
    refuseImages: (code) => store.set({ problem: { code, retryAt: null, isTextKept: false } }),
    cancelWaiting: () => call((session) => session.cancelWaiting()),
    regenerate: (prompt) => call((session) => session.regenerate(prompt)),
    stop: () => call((session) => session.stop()),
    retry: (side) => call((session) => session.retry(side)),
    drawNewPair: () => call((session) => session.drawNewPair()),
    vote: (outcome) => call((session) => session.vote(outcome)),
    carryPrompt() {
      const { battle, draft, images } = store.get();
      const first = battle?.turns[0];
      if (first === undefined || first.prompt === "") return;
      store.set({
        draft: draft === "" ? first.prompt : `${first.prompt}\n\n${draft}`,
        images: [...toDraftImages(first.images), ...images],
      });
    },
    newBattle: () => call((session) => session.newBattle()),
    choose: (side, model) => call((session) => session.choose(side, model)),
    swap: () => call((session) => session.swap()),
    resumeReplay: () => call((session) => session.resumeReplay()),
    dropReplay: () => call((session) => session.dropReplay()),
  };
  return { actions, call };
}

/** A battle has an address from its first moment, so that a reload finds it; the history keeps one entry for the page. */
function setAddress(battleId: string | null, chosen: Chosen | null): void {
  const query = new URLSearchParams();
  if (battleId !== null) query.set("battle", battleId);
  else for (const side of sides) if (chosen?.[side] != null) query.set(side, chosen[side]);
  const path = chosen === null ? "/" : "/compare";
  const address = query.size === 0 ? path : `${path}?${query}`;
  window.history.replaceState(null, "", address);
}

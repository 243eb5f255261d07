import { v4 as uuid } from "uuid";
import { createImageDrafts } from "@/app/_components/images/image-drafts";
import { toApiError } from "@/app/_data/api-error";
import { backoffMs, waitToReconnect } from "@/app/_data/backoff";
import { putBack, takeOut } from "@/app/_data/composer-text";
import { isPassing, type Problem, problemOf, retryAfterMs } from "@/app/_data/problem";
import type { OpenBattle, Side } from "@/lib/protocol";
import { type ArenaState, initialArenaState, openBattle, type Prompt } from "./arena-state";
import type { ArenaStore } from "./arena-store";
import { battleApi } from "./battle-api";
import { createBattleConnection, isFollowed } from "./battle-connection";
import { bothOf, chosenOf, createCompareActions, placeOf } from "./compare-actions";
import { createKeptReplay } from "./kept-replay";
import { createLostPrompt, type Signals } from "./lost-prompt";
import { lastTurn } from "./sides";
import { createVoteAction } from "./vote-action";

export type BattleSession = ReturnType<typeof createBattleSession>;

/**
 * Everything the page does with battles, loaded with the first message. Each action states what the page shows meanwhile;
 * whatever fails, what was typed stays.
 */
export function createBattleSession(store: ArenaStore, onBattle: (id: string | null) => void) {
  const connection = createBattleConnection({
    store,
    onVoted: (id) => void refetch(id),
    onRefused: (error) => store.set({ problem: problemOf(error, false) }),
  });
  /** Ends what belongs to the battle that is being left. */
  let scope = new AbortController();
  /** Aborted where the answers that were asked for are to be stopped as soon as they run. */
  let hurry = new AbortController();
  /** The first prompt that was sent last, and what ends its request. */
  let latestStart: { key: string; scope: AbortController } | null = null;
  const lost = createLostPrompt(store);
  const keptReplay = createKeptReplay(store);

  function reset(change: Partial<ArenaState> = {}) {
    scope.abort();
    scope = new AbortController();
    connection.detach();
    keptReplay.leave();
    const { draft, images, chosen } = store.get();
    store.set({ ...initialArenaState, draft, images, chosen, ...change });
  }

  /** A battle from the address: what was written so far, then the rest as it comes. */
  async function open(id: string) {
    if (store.get().battle?.id === id || store.get().restoring === id) return;
    reset({ restoring: id });
    const { signal } = scope;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const battle = await battleApi.get(id);
        if (signal.aborted) return;
        const change = { battle, ...chosenOf(store.get(), battle) };
        put({ ...change, restoring: null, ...keptReplay.offered({ ...store.get(), ...change }) });
        return;
      } catch (error) {
        if (signal.aborted) return;
        const failure = toApiError(error);
        if (!isPassing(failure)) {
          reset({ problem: problemOf(failure, false) });
          onBattle(null);
          return;
        }
        await waitToReconnect(backoffMs(attempt, Math.random), signal);
      }
    }
  }

  /** The whole battle again: after a vote in another tab, or when the tab is looked at again. */
  async function refetch(id: string) {
    try {
      const battle = await battleApi.get(id);
      const { battle: shownNow, outgoing, vote: current } = store.get();
      // What the visitor does meanwhile tells more than this.
      if (shownNow?.id !== id || outgoing !== null || current.phase === "saving") return;
      put({ battle });
    } catch (error) {
      // What is on the page stays true; the next action brings the difference to light.
      store.set({ problem: problemOf(toApiError(error), false) });
      follow();
    }
  }

  /** A battle from elsewhere than its events, which go on from there. */
  function put(change: Partial<ArenaState>) {
    connection.detach();
    store.set(change);
    follow();
  }

  /** Aborted when the battle on the page is left. */
  const left = () => scope.signal;

  /** Reads the battle's events for as long as there is something to read. */
  function follow() {
    const { battle, outgoing } = store.get();
    const open = openBattle(battle);
    // A prompt on its way stands where its turn will be.
    if (open !== null && outgoing === null && isFollowed(open)) connection.attach(open.id);
  }

  /** The page is out of sight: a battle that waits for its visitor is looked at again when they come back. */
  function rest() {
    if (openBattle(store.get().battle)?.status !== "running") connection.detach();
  }

  function show(battle: OpenBattle) {
    put({
      battle,
      ...chosenOf(store.get(), battle),
      outgoing: null,
      waiting: false,
      retrying: [],
      problem: null,
      vote: { phase: "none" },
    });
  }

  /**
   * Sends a first prompt or a follow-up. No free model: the prompt waits in the composer and goes out as soon as one is. What
   * stands in the composer goes with it only where that is what is sent. A prompt of the former pair waits with those after it.
   */
  async function send(prompt: Prompt, from: "composer" | "battle" | "replay" = "composer") {
    const { battle, chosen, waiting } = store.get();
    // Sent by hand meanwhile: once is enough.
    if (waiting) cancelWaiting();
    const open = openBattle(battle);
    const models = chosen === null ? undefined : bothOf(chosen);
    if (open === null && models === null) return;
    const kind = open === null ? "start" : "turn";
    const place = placeOf({ battle, chosen });
    const idempotencyKey = lost.keyFor(place, prompt) ?? uuid();
    const signals = begin();
    const { leave, until } = signals;
    store.set({
      outgoing: { kind, isReplayed: from === "replay", ...prompt },
      problem: null,
      ...(from === "composer" ? { draft: "", images: [] } : {}),
    });
    const ids = prompt.images.map((image) => image.id);
    const request = {
      ...{ prompt: prompt.text, idempotencyKey },
      ...(ids.length === 0 ? {} : { images: ids }),
    };
    const call = () =>
      open === null
        ? battleApi.start({ ...request, ...(models == null ? {} : { models }) }, signals)
        : battleApi.continue(open.id, request, leave);
    const sent = { place, key: idempotencyKey, prompt, battle: open };
    const isRecalled = () => open === null && until.aborted;
    if (open === null) {
      // The same that was taken back is wanted after all: nobody may stop what the two begin together.
      if (latestStart?.key === idempotencyKey && latestStart.scope !== scope) latestStart.scope.abort();
      latestStart = { key: idempotencyKey, scope };
    }
    for (let attempt = 0; !leave.aborted; attempt += 1) {
      try {
        const next = await lost.ask(call, signals, sent);
        if (leave.aborted) return;
        if (isRecalled()) return await stopRecalled(next);
        const hasWaited = store.get().waiting;
        if (hasWaited && from !== "replay") store.set(takeOut(store.get(), prompt));
        const stopping = shown(next, until);
        // Only now: before, the battle was ready for the next one.
        if (hasWaited && from === "replay")
          store.set({ replay: store.get().replay.slice(1), isReplayHeld: false });
        await stopping;
        return;
      } catch (error) {
        if (leave.aborted || isRecalled()) return;
        const failure = toApiError(error);
        const canWait = failure.code === "no_worker_available" || failure.code === "not_enough_models";
        if (!canWait) {
          giveBack(prompt, problemOf(failure, from !== "replay"), from === "replay");
          follow();
          return;
        }
        if (!store.get().waiting) giveBack(prompt, null, from === "replay");
        store.set({ waiting: true });
        await waitToReconnect(retryAfterMs(failure) ?? backoffMs(attempt + 1, Math.random), leave);
      }
    }
  }

  /** What every request for an answer begins with. */
  function begin(): Signals {
    hurry = new AbortController();
    connection.detach();
    return { leave: scope.signal, until: AbortSignal.any([scope.signal, hurry.signal]) };
  }

  /** Shows what a request for an answer has begun, and stops it where that was asked for meanwhile. */
  async function shown(battle: OpenBattle, until: AbortSignal) {
    show(battle);
    onBattle(battle.id);
    if (until.aborted) await stopNow(battle);
  }

  /** What is left of a replay is kept, and offered: the visitor may do something else first. */
  function giveBack(prompt: Prompt, problem: Problem | null, isReplay = false) {
    const { replay } = store.get();
    store.set({
      ...{ outgoing: null, waiting: false, isStopping: false, connection: "closed", problem },
      ...(isReplay ? { replay: [prompt, ...replay] } : putBack(store.get(), prompt)),
      isReplayHeld: isReplay || replay.length > 0,
    });
  }

  /** The prompt that waits for a model stays in the composer. */
  function cancelWaiting() {
    scope.abort();
    scope = new AbortController();
    store.set({ waiting: false });
  }

  /** Answers the last turn again, with a changed prompt or with the same. */
  async function regenerate(prompt?: string) {
    const battle = openBattle(store.get().battle);
    const turn = lastTurn(battle);
    if (battle === null || turn === undefined) return;
    const isEdited = prompt !== undefined && prompt !== turn.prompt;
    // The images stay with the turn, which is as it was where this fails.
    const edited = { text: prompt ?? turn.prompt, images: [] };
    const key = uuid();
    const signals = begin();
    const { images } = turn;
    store.set({ outgoing: { kind: "regenerate", text: edited.text, images }, problem: null });
    const sent = isEdited ? { place: `${battle.id} again`, key, prompt: edited, battle } : null;
    try {
      const call = () => battleApi.regenerate(battle.id, { prompt, idempotencyKey: key });
      const next = await lost.ask(call, signals, sent);
      if (!signals.leave.aborted) await shown(next, signals.until);
    } catch (error) {
      if (signals.leave.aborted) return;
      const problem = problemOf(toApiError(error), prompt !== undefined);
      if (isEdited) giveBack(edited, problem);
      else store.set({ outgoing: null, isStopping: false, connection: "closed", problem });
      follow();
    }
  }

  async function stop() {
    const { battle, outgoing, waiting, retrying } = store.get();
    store.set({ replay: [], isReplayHeld: false });
    if (waiting) return cancelWaiting();
    if (outgoing?.kind === "start") {
      // Nothing is known yet that could be stopped: the prompt comes back, and its request is heard to the end.
      hurry.abort();
      scope = new AbortController();
      return giveBack(outgoing, null);
    }
    if (outgoing !== null || retrying.length > 0) {
      // The server may have it already, so it is stopped as soon as it runs.
      store.set({ isStopping: true });
      return hurry.abort();
    }
    const open = openBattle(battle);
    if (open?.status === "running") await stopNow(open);
  }

  /** A battle that was taken back before its id was known. It is nowhere on the page. */
  async function stopRecalled({ id }: OpenBattle) {
    try {
      await battleApi.stop(id);
    } catch (error) {
      store.set({ problem: problemOf(toApiError(error), false) });
    }
  }

  async function stopNow({ id }: OpenBattle) {
    store.set({ isStopping: true });
    try {
      const stopped = await battleApi.stop(id);
      // While it still runs the stream tells how it ends.
      if (store.get().battle?.id === id && stopped.status !== "running") {
        put({ battle: stopped });
      }
    } catch (error) {
      store.set({ problem: problemOf(toApiError(error), false) });
    } finally {
      store.set({ isStopping: false });
    }
  }

  async function retry(side: Side) {
    const { retrying } = store.get();
    const battle = openBattle(store.get().battle);
    if (battle === null || retrying.includes(side)) return;
    const { leave, until } = begin();
    store.set({ retrying: [...retrying, side], problem: null });
    try {
      const next = await battleApi.retry(battle.id, side);
      if (!leave.aborted) await shown(next, until);
    } catch (error) {
      if (leave.aborted) return;
      store.set({ retrying: [], isStopping: false, problem: problemOf(toApiError(error), false) });
      // It may have been tried again all the same, or in another window: the events tell.
      follow();
    }
  }

  /** The same prompt to two other models; what stands in the composer is for later. */
  async function drawNewPair() {
    const turn = lastTurn(store.get().battle);
    if (turn === undefined) return;
    reset();
    await send({ text: turn.prompt, images: turn.images }, "battle");
  }

  /** After a reload, where no battle is on the page: what the chosen pair is still to be asked waits for a word. */
  function offerReplay() {
    const state = store.get();
    const isEmpty = state.battle === null && state.outgoing === null && state.replay.length === 0;
    if (isEmpty && state.restoring === null) store.set(keptReplay.offered(state));
  }

  /** Back to the first page; what stands in the composer stays there. */
  function newBattle() {
    keptReplay.forget();
    reset();
    onBattle(null);
  }

  return {
    images: createImageDrafts(store),
    ...createCompareActions({
      store,
      reset,
      put,
      send: (prompt) => void send(prompt, "replay"),
      onBattle,
      left,
    }),
    open,
    refetch,
    rest,
    send,
    cancelWaiting,
    regenerate,
    stop,
    retry,
    drawNewPair,
    vote: createVoteAction({ store, left, detach: connection.detach, follow, refetch }),
    offerReplay,
    newBattle,
    reset,
  };
}

import { v4 as uuid } from "uuid";
import { toApiError } from "@/app/_data/api-error";
import { backoffMs, waitToReconnect } from "@/app/_data/backoff";
import { isPassing, type Problem, problemOf, retryAfterMs } from "@/app/_data/problem";
import type { BlindBattle, Outcome, Side } from "@/lib/protocol";
import { type ArenaState, initialArenaState } from "./arena-state";
import type { ArenaStore } from "./arena-store";
import { battleApi } from "./battle-api";
import { createBattleConnection } from "./battle-connection";
import { lastTurn } from "./sides";

/** How long "Saved" stands in the vote bar before the reveal takes its place. */
const savedShownMs = 450;

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
  /** The same choice again is the same vote. */
  let voteKey: { battleId: string; outcome: Outcome; key: string } | null = null;

  function leave() {
    scope.abort();
    scope = new AbortController();
    connection.detach();
  }

  function reset(change: Partial<ArenaState> = {}) {
    leave();
    voteKey = null;
    store.set({ ...initialArenaState, draft: store.get().draft, ...change });
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
        store.set({ battle, restoring: null });
        if (battle.kind === "blind" && battle.status === "running") connection.attach(id);
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
      if (store.get().battle?.id !== id) return;
      connection.detach();
      store.set({ battle });
      if (battle.kind === "blind" && battle.status === "running") connection.attach(id);
    } catch (error) {
      // What is on the page stays true; the next action brings the difference to light.
      store.set({ problem: problemOf(toApiError(error), false) });
    }
  }

  function show(battle: BlindBattle) {
    store.set({
      battle,
      outgoing: null,
      waiting: false,
      retrying: [],
      problem: null,
      vote: { phase: "none" },
    });
    if (battle.status === "running") connection.attach(battle.id);
  }

  /** Sends a first prompt or a follow-up. No free model: the prompt waits in the composer and goes out as soon as one is. */
  async function send(prompt: string) {
    const { battle } = store.get();
    const id = battle?.kind === "blind" ? battle.id : null;
    const kind = id === null ? "start" : "turn";
    const idempotencyKey = uuid();
    const { signal } = scope;
    connection.detach();
    store.set({ outgoing: { kind, prompt }, draft: "", problem: null });
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const next =
          id === null
            ? await battleApi.start(prompt, idempotencyKey, signal)
            : await battleApi.continue(id, prompt, idempotencyKey, signal);
        if (signal.aborted) return;
        if (store.get().waiting) store.set({ draft: "" });
        show(next);
        onBattle(next.id);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const failure = toApiError(error);
        const canWait = failure.code === "no_worker_available" || failure.code === "not_enough_models";
        if (!canWait) {
          giveBack(prompt, problemOf(failure, true));
          return;
        }
        if (!store.get().waiting) giveBack(prompt, null);
        store.set({ waiting: true });
        await waitToReconnect(retryAfterMs(failure) ?? backoffMs(attempt + 1, Math.random), signal);
      }
    }
  }

  function giveBack(prompt: string, problem: Problem | null) {
    const { draft } = store.get();
    const kept = draft === "" || draft === prompt ? prompt : `${prompt}\n\n${draft}`;
    store.set({ outgoing: null, waiting: false, draft: kept, problem });
  }

  /** The prompt that waits for a model stays in the composer. */
  function cancelWaiting() {
    scope.abort();
    scope = new AbortController();
    store.set({ waiting: false });
  }

  /** Answers the last turn again, with a changed prompt or with the same. */
  async function regenerate(prompt?: string) {
    const { battle } = store.get();
    const turn = lastTurn(battle);
    if (battle?.kind !== "blind" || turn === undefined) return;
    const { signal } = scope;
    connection.detach();
    store.set({ outgoing: { kind: "regenerate", prompt: prompt ?? turn.prompt }, problem: null });
    try {
      const next = await battleApi.regenerate(battle.id, prompt, uuid());
      if (!signal.aborted) show(next);
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemOf(toApiError(error), prompt !== undefined);
      if (prompt !== undefined && prompt !== turn.prompt) giveBack(prompt, problem);
      else store.set({ outgoing: null, problem });
    }
  }

  async function stop() {
    const { battle, outgoing, waiting } = store.get();
    if (waiting) return cancelWaiting();
    if (battle === null || outgoing?.kind === "start") {
      // Not yet answered by the server: nothing to stop there, the prompt comes back.
      if (outgoing === null) return;
      scope.abort();
      scope = new AbortController();
      return giveBack(outgoing.prompt, null);
    }
    if (battle.kind !== "blind" || battle.status !== "running") return;
    store.set({ isStopping: true });
    try {
      const stopped = await battleApi.stop(battle.id);
      // While it still runs the stream tells how it ends.
      if (store.get().battle?.id === battle.id && stopped.status !== "running") {
        connection.detach();
        store.set({ battle: stopped });
      }
    } catch (error) {
      store.set({ problem: problemOf(toApiError(error), false) });
    } finally {
      store.set({ isStopping: false });
    }
  }

  async function retry(side: Side) {
    const { battle, retrying } = store.get();
    if (battle?.kind !== "blind" || retrying.includes(side)) return;
    const { signal } = scope;
    store.set({ retrying: [...retrying, side], problem: null });
    try {
      const next = await battleApi.retry(battle.id, side);
      if (!signal.aborted) show(next);
    } catch (error) {
      if (!signal.aborted) store.set({ retrying: [], problem: problemOf(toApiError(error), false) });
    }
  }

  /** The same prompt to two other models. */
  async function drawNewPair() {
    const prompt = lastTurn(store.get().battle)?.prompt;
    if (prompt === undefined) return;
    const { draft } = store.get();
    reset();
    await send(prompt);
    // The text for later is not part of the new pair's prompt.
    if (draft !== "" && store.get().draft === "") store.set({ draft });
  }

  async function vote(outcome: Outcome) {
    const { battle, vote: current } = store.get();
    if (battle?.kind !== "blind" || battle.status !== "ready") return;
    if (current.phase === "saving" || current.phase === "saved") return;
    if (voteKey?.battleId !== battle.id || voteKey.outcome !== outcome) {
      voteKey = { battleId: battle.id, outcome, key: uuid() };
    }
    const { signal } = scope;
    store.set({ vote: { phase: "saving", outcome }, problem: null });
    try {
      const revealed = await battleApi.vote(battle.id, outcome, voteKey.key);
      if (signal.aborted) return;
      connection.detach();
      store.set({ vote: { phase: "saved", outcome } });
      setTimeout(() => {
        if (!signal.aborted) store.set({ battle: revealed });
      }, savedShownMs);
    } catch (error) {
      if (signal.aborted) return;
      const failure = toApiError(error);
      if (failure.code === "already_voted" || failure.code === "battle_closed") {
        store.set({ vote: { phase: "none" } });
        await refetch(battle.id);
      } else store.set({ vote: { phase: "failed", outcome, reason: failure.code } });
    }
  }

  /** Back to the first page; what stands in the composer stays there. */
  function newBattle() {
    reset();
    onBattle(null);
  }

  return { open, refetch, send, cancelWaiting, regenerate, stop, retry, drawNewPair, vote, newBattle, reset };
}

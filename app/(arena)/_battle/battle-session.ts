import { v4 as uuid } from "uuid";
import { toDraftImages } from "@/app/_components/images/draft-image";
import { createImageDrafts } from "@/app/_components/images/image-drafts";
import { toApiError } from "@/app/_data/api-error";
import { backoffMs, waitToReconnect } from "@/app/_data/backoff";
import { isPassing, type Problem, problemOf, retryAfterMs } from "@/app/_data/problem";
import type { BattleView, OpenBattle, Outcome, Side } from "@/lib/protocol";
import {
  type ArenaState,
  type Chosen,
  initialArenaState,
  knownModels,
  openBattle,
  type Prompt,
} from "./arena-state";
import type { ArenaStore } from "./arena-store";
import { battleApi } from "./battle-api";
import { createBattleConnection } from "./battle-connection";
import { lastTurn, otherSide } from "./sides";

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
        store.set({ battle, restoring: null, ...chosenOf(battle) });
        if (openBattle(battle)?.status === "running") connection.attach(id);
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
      if (openBattle(battle)?.status === "running") connection.attach(id);
    } catch (error) {
      // What is on the page stays true; the next action brings the difference to light.
      store.set({ problem: problemOf(toApiError(error), false) });
    }
  }

  /** The choice follows the battle on the page, which may have been begun elsewhere. */
  function chosenOf(battle: BattleView): Partial<ArenaState> {
    const models = knownModels(battle);
    if (store.get().chosen === null || models === null) return {};
    return { chosen: { a: models.a.name, b: models.b.name } };
  }

  function show(battle: OpenBattle) {
    store.set({
      battle,
      ...chosenOf(battle),
      outgoing: null,
      waiting: false,
      retrying: [],
      problem: null,
      vote: { phase: "none" },
    });
    if (battle.status === "running") connection.attach(battle.id);
  }

  /** Sends a first prompt or a follow-up. No free model: the prompt waits in the composer and goes out as soon as one is. */
  async function send(prompt: Prompt) {
    const { battle, chosen } = store.get();
    const id = openBattle(battle)?.id ?? null;
    const models = chosen === null ? undefined : bothOf(chosen);
    if (id === null && models === null) return;
    const kind = id === null ? "start" : "turn";
    const idempotencyKey = uuid();
    const { signal } = scope;
    connection.detach();
    store.set({ outgoing: { kind, ...prompt }, draft: "", images: [], problem: null });
    const ids = prompt.images.map((image) => image.id);
    const request = {
      ...{ prompt: prompt.text, idempotencyKey },
      ...(ids.length === 0 ? {} : { images: ids }),
    };
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const next =
          id === null
            ? await battleApi.start({ ...request, ...(models == null ? {} : { models }) }, signal)
            : await battleApi.continue(id, request, signal);
        if (signal.aborted) return;
        if (store.get().waiting) store.set({ draft: "", images: [] });
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

  function giveBack({ text, images }: Prompt, problem: Problem | null) {
    const { draft, images: others } = store.get();
    const kept = draft === "" || draft === text ? text : `${text}\n\n${draft}`;
    const back = toDraftImages(images).filter(({ key }) => !others.some(({ view }) => view?.id === key));
    store.set({
      ...{ outgoing: null, waiting: false, replay: [], problem },
      ...{ draft: kept, images: [...back, ...others] },
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
    const { signal } = scope;
    connection.detach();
    const { images } = turn;
    store.set({ outgoing: { kind: "regenerate", text: prompt ?? turn.prompt, images }, problem: null });
    try {
      const next = await battleApi.regenerate(battle.id, prompt, uuid());
      if (!signal.aborted) show(next);
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemOf(toApiError(error), prompt !== undefined);
      // The images stay with the turn, which is as it was.
      if (prompt !== undefined && prompt !== turn.prompt) giveBack({ text: prompt, images: [] }, problem);
      else store.set({ outgoing: null, problem });
    }
  }

  async function stop() {
    const { battle, outgoing, waiting } = store.get();
    store.set({ replay: [] });
    if (waiting) return cancelWaiting();
    if (battle === null || outgoing?.kind === "start") {
      // Not yet answered by the server: nothing to stop there, the prompt comes back.
      if (outgoing === null) return;
      scope.abort();
      scope = new AbortController();
      return giveBack(outgoing, null);
    }
    if (openBattle(battle)?.status !== "running") return;
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
    const { retrying } = store.get();
    const battle = openBattle(store.get().battle);
    if (battle === null || retrying.includes(side)) return;
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
    const turn = lastTurn(store.get().battle);
    if (turn === undefined) return;
    const { draft, images } = store.get();
    reset();
    await send({ text: turn.prompt, images: turn.images });
    // The text for later is not part of the new pair's prompt.
    if (draft !== "" && store.get().draft === "") store.set({ draft });
    if (images.length > 0 && store.get().images.length === 0) store.set({ images });
  }

  async function vote(outcome: Outcome) {
    const { vote: current } = store.get();
    const battle = openBattle(store.get().battle);
    if (battle?.status !== "ready") return;
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

  /**
   * Another model on one side. An answer belongs to the model that wrote it, so the new pair begins anew: both are asked
   * the same prompts, one after the other, and the former battle stays in the history as it is.
   */
  async function choose(side: Side, model: string) {
    const { chosen, battle, draft, images } = store.get();
    if (chosen === null || chosen[side] === model) return;
    const other = otherSide(side);
    if (chosen[other] === model) return swap();
    const next: Chosen = { ...chosen, [side]: model };
    const prompts = battle?.turns.map((turn) => ({ text: turn.prompt, images: turn.images })) ?? [];
    const former = openBattle(battle);
    if (former?.status === "running") void stopFormer(former.id);
    reset({ chosen: next });
    onBattle(null);
    const [first, ...rest] = prompts;
    if (first === undefined || first.text === "" || bothOf(next) === null) return;
    store.set({ replay: rest });
    void send(first);
    // What stands in the composer is not part of the former prompts.
    store.set({ draft, images });
  }

  /** What nobody will read need not be written; if it cannot be stopped it ends by itself, unread. */
  async function stopFormer(id: string) {
    try {
      await battleApi.stop(id);
    } catch (error) {
      store.set({ problem: problemOf(toApiError(error), false) });
    }
  }

  /** The next prompt of the former pair, as soon as both sides have answered the one before. */
  function goOn() {
    const { replay, battle, outgoing, vote: current, draft, images } = store.get();
    const [prompt, ...rest] = replay;
    if (prompt === undefined || outgoing !== null || current.phase !== "none") return;
    if (openBattle(battle)?.status !== "ready") return;
    store.set({ replay: rest, outgoing: { kind: "turn", ...prompt } });
    void send(prompt);
    store.set({ draft, images });
  }
  store.subscribe(goOn);

  /** Before the first prompt only the choice; afterwards the answers change sides with their models. */
  async function swap() {
    const { chosen, battle } = store.get();
    if (chosen === null) return;
    const open = openBattle(battle);
    if (battle === null) {
      store.set({ chosen: { a: chosen.b, b: chosen.a } });
      onBattle(null);
      return;
    }
    if (open === null || open.status === "running") return;
    const { signal } = scope;
    try {
      const swapped = await battleApi.swap(open.id);
      if (!signal.aborted) store.set({ battle: swapped, ...chosenOf(swapped), problem: null });
    } catch (error) {
      if (!signal.aborted) store.set({ problem: problemOf(toApiError(error), false) });
    }
  }

  return {
    images: createImageDrafts(store),
    choose,
    swap,
    open,
    refetch,
    send,
    cancelWaiting,
    regenerate,
    stop,
    retry,
    drawNewPair,
    vote,
    newBattle,
    reset,
  };
}

/** Null while one of the two is missing. */
function bothOf({ a, b }: Chosen): { a: string; b: string } | null {
  return a === null || b === null ? null : { a, b };
}

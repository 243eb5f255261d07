import { v4 as uuid } from "uuid";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import { problemOf } from "@/app/_data/problem";
import { isJudgeable } from "@/lib/judgeable";
import type { Outcome } from "@/lib/protocol";
import { openBattle } from "./arena-state";
import type { ArenaStore } from "./arena-store";
import { battleApi } from "./battle-api";
import { lastTurn } from "./sides";

/** How long "Saved" stands in the vote bar before the reveal takes its place. */
const savedShownMs = 450;

/** Answers to a vote that tell that the battle on the page is not as it is any more. */
const outdated: ReadonlySet<ApiErrorCode> = new Set([
  ...(["already_voted", "battle_closed"] as const),
  ...(["vote_outdated", "vote_not_open", "nothing_to_compare"] as const),
]);

type VoteOptions = {
  store: ArenaStore;
  /** Aborted when the battle on the page is left. */
  left: () => AbortSignal;
  /** Stops reading the battle's events, and goes on. */
  detach: () => void;
  follow: () => void;
  /** The whole battle again. */
  refetch: (id: string) => Promise<void>;
};

/** Votes on the battle on the page. "Saved" is said when it is; a choice that could not be saved stays. */
export function createVoteAction({ store, left, detach, follow, refetch }: VoteOptions) {
  /** The same choice again is the same vote. */
  let voteKey: { turnId: string; outcome: Outcome; idempotencyKey: string } | null = null;

  return async function vote(outcome: Outcome) {
    const { vote: current } = store.get();
    const battle = openBattle(store.get().battle);
    const turn = lastTurn(battle);
    if (battle?.status !== "ready" || turn === undefined || !isJudgeable(turn)) return;
    if (current.phase === "saving" || current.phase === "saved") return;
    if (voteKey?.turnId !== turn.id || voteKey.outcome !== outcome) {
      voteKey = { turnId: turn.id, outcome, idempotencyKey: uuid() };
    }
    const seen = battle.kind === "named" ? battle.models : null;
    const models = seen === null ? {} : { models: { a: seen.a.name, b: seen.b.name } };
    const signal = left();
    detach();
    store.set({ vote: { phase: "saving", outcome }, problem: null });
    try {
      const revealed = await battleApi.vote(battle.id, { ...voteKey, ...models });
      if (signal.aborted) return;
      store.set({ vote: { phase: "saved", outcome } });
      setTimeout(() => {
        if (!signal.aborted) store.set({ battle: revealed });
      }, savedShownMs);
    } catch (error) {
      if (signal.aborted) return;
      const failure = toApiError(error);
      const problem = problemOf(failure, false);
      if (outdated.has(failure.code)) {
        // The battle is another than the one on the page. Which, it is to be seen before anybody votes on it.
        const isTold = failure.code !== "already_voted" && failure.code !== "battle_closed";
        store.set({ vote: { phase: "none" }, problem: isTold ? problem : null });
        await refetch(battle.id);
        return;
      }
      store.set({ vote: { phase: "failed", outcome, problem } });
      // Where only the answer was lost, the stream tells that the vote is there.
      follow();
    }
  };
}

import type { BattleView, OpenBattle } from "@/lib/protocol";
import type { Prompt } from "./arena-state";
import type { ArenaStore } from "./arena-store";
import { takeOut } from "./composer-text";
import { lastTurn } from "./sides";

type LostPrompt = {
  /** What it was sent to: a battle, or a pair that was still to be drawn. */
  place: string;
  /** The idempotency key that it was sent with. */
  key: string;
  prompt: Prompt;
  /** The battle as the page knew it; null where the prompt was to begin one. */
  battle: OpenBattle | null;
};

/**
 * A prompt that was sent and got no answer. The server may have it, so the same prompt again is the same request; and where a
 * battle turns out to hold it, it is taken out of the composer.
 */
export function createLostPrompt(store: ArenaStore) {
  let lost: LostPrompt | null = null;

  function settle() {
    const { battle, outgoing } = store.get();
    if (lost === null || outgoing !== null || !holds(battle, lost)) return;
    const { prompt } = lost;
    lost = null;
    store.set({ ...takeOut(store.get(), prompt), problem: null });
  }
  store.subscribe(settle);

  return {
    remember(prompt: LostPrompt) {
      lost = prompt;
    },
    forget() {
      lost = null;
    },
    /** The key of the request that this would be once more; null where it is another. */
    keyFor(place: string, prompt: Prompt): string | null {
      return lost !== null && lost.place === place && isSame(lost.prompt, prompt) ? lost.key : null;
    },
  };
}

/** True where the battle's last turn is one that the page did not know, with the prompt that was lost. */
function holds(battle: BattleView | null, { battle: known, prompt }: LostPrompt): boolean {
  const last = lastTurn(battle);
  if (known === null || battle?.id !== known.id || last?.prompt !== prompt.text) return false;
  return known.turns.every(({ id }) => id !== last.id);
}

function isSame(x: Prompt, y: Prompt): boolean {
  const images = ({ images }: Prompt) => images.map(({ id }) => id).join();
  return x.text === y.text && images(x) === images(y);
}

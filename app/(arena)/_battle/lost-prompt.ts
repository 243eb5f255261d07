import { z } from "zod";
import { keepText, readKept } from "@/app/_data/kept-draft";
import type { BattleView } from "@/lib/protocol";
import type { Prompt } from "./arena-state";
import type { ArenaStore } from "./arena-store";
import { takeOut } from "./composer-text";
import { lastTurn } from "./sides";

/** Read back from this tab's storage, where an older version of the page may have been. */
const lostPromptSchema = z.object({
  /** What it was sent to: a battle, or a pair that was still to be drawn. */
  place: z.string(),
  /** The idempotency key that it was sent with. */
  key: z.string(),
  text: z.string(),
  images: z.array(z.object({ id: z.string(), width: z.number(), height: z.number() })),
  /** Null where it was to begin a battle. */
  battleId: z.string().nullable(),
  /** The turns that the page knew. */
  turnIds: z.array(z.string()),
});
type LostPrompt = z.infer<typeof lostPromptSchema>;

const storageKey = "draft-sent";

/**
 * The prompt that was sent and got no answer yet, over a reload too. The server may have it, so the same prompt again is the same
 * request; and where a battle turns out to hold it, it is taken out of the composer, or off the prompts that wait to be asked again.
 */
export function createLostPrompt(store: ArenaStore) {
  let lost = readLost();

  function settle() {
    const { battle, outgoing } = store.get();
    if (lost === null || outgoing !== null || !holds(battle, lost)) return;
    const prompt = lost;
    forget();
    const { replay, isReplayHeld } = store.get();
    const [first, ...rest] = replay;
    const isNext = isReplayHeld && first !== undefined && isSame(first, prompt);
    store.set({
      ...(isNext ? { replay: rest, isReplayHeld: false } : takeOut(store.get(), prompt)),
      problem: null,
    });
  }
  store.subscribe(settle);

  function forget() {
    lost = null;
    keepText(storageKey, "");
  }

  return {
    /** To be called before it is sent. @param battle null where the prompt is to begin one */
    remember(sent: { place: string; key: string; prompt: Prompt; battle: BattleView | null }) {
      const { place, key, prompt, battle } = sent;
      const turnIds = battle?.turns.map(({ id }) => id) ?? [];
      lost = {
        place,
        key,
        text: prompt.text,
        images: [...prompt.images],
        battleId: battle?.id ?? null,
        turnIds,
      };
      keepText(storageKey, JSON.stringify(lost));
    },
    /** It has arrived, or the server has refused it. */
    forget,
    /** The key of the request that this would be once more; null where it is another. */
    keyFor: (place: string, prompt: Prompt): string | null =>
      lost !== null && lost.place === place && isSame(lost, prompt) ? lost.key : null,
  };
}

function readLost(): LostPrompt | null {
  const kept = readKept(storageKey);
  if (kept === null) return null;
  try {
    return lostPromptSchema.parse(JSON.parse(kept));
  } catch {
    return null; // Of another version of the page.
  }
}

/** True where the battle's last turn is one that the page did not know, with the prompt that was lost. */
function holds(battle: BattleView | null, { battleId, turnIds, text }: LostPrompt): boolean {
  const last = lastTurn(battle);
  if (battleId === null || battle?.id !== battleId || last?.prompt !== text) return false;
  return !turnIds.includes(last.id);
}

function isSame(x: Prompt, y: Prompt): boolean {
  const images = ({ images }: Prompt) => images.map(({ id }) => id).join();
  return x.text === y.text && images(x) === images(y);
}

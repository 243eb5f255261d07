import { z } from "zod";
import { takeOut } from "@/app/_data/composer-text";
import { keepText, readKeptJson } from "@/app/_data/kept-text";
import { resendLost } from "@/app/_data/resend-lost";
import type { BattleView } from "@/lib/protocol";
import type { Prompt } from "./arena-state";
import type { ArenaStore } from "./arena-store";
import { keptPromptSchema } from "./kept-prompt";
import { lastTurn } from "./sides";

const lostPromptSchema = keptPromptSchema.extend({
  /** What it was sent to: a battle, or a pair that was still to be drawn. */
  place: z.string(),
  /** The idempotency key that it was sent with. */
  key: z.string(),
  /** Null where it was to begin a battle. */
  battleId: z.string().nullable(),
  /** The turns that the page knew. */
  turnIds: z.array(z.string()),
});
type LostPrompt = z.infer<typeof lostPromptSchema>;

/** `battle`: null where the prompt is to begin one. */
type Sent = Pick<LostPrompt, "place" | "key"> & { prompt: Prompt; battle: BattleView | null };

/**
 * When a request ends before its answer. `leave`: its battle is left, or it is taken back. `until`: also where what it asks for is
 * to be stopped as soon as it runs, so that it is not sent again.
 */
export type Signals = { leave: AbortSignal; until: AbortSignal };

const storageKey = "draft-sent";

/**
 * The prompt that was sent and got no answer yet, over a reload too. The server may have it, so the same prompt again is the same
 * request; and where a battle turns out to hold it, it is taken out of the composer, or off the prompts that wait to be asked again.
 */
export function createLostPrompt(store: ArenaStore) {
  let lost = readKeptJson(storageKey, lostPromptSchema);
  /** The page that has sent it is gone. */
  let isFromBefore = lost !== null;

  function settle() {
    const { battle, outgoing } = store.get();
    if (lost === null || outgoing !== null || !holds(battle, lost)) return;
    const prompt = lost;
    forget();
    const { replay, isReplayHeld } = store.get();
    const [first, ...rest] = replay;
    const isNext = isReplayHeld && first !== undefined && isSame(first, prompt);
    store.set({
      // After a reload the rest waits for the visitor's word.
      ...(isNext
        ? { replay: rest, isReplayHeld: isFromBefore && rest.length > 0 }
        : takeOut(store.get(), prompt)),
      problem: null,
    });
  }
  store.subscribe(settle);

  function forget() {
    lost = null;
    keepText(storageKey, "");
  }

  function remember({ place, key, prompt, battle }: Sent) {
    const turnIds = battle?.turns.map(({ id }) => id) ?? [];
    const { text, images } = prompt;
    isFromBefore = false;
    lost = { place, key, text, images: [...images], battleId: battle?.id ?? null, turnIds };
    keepText(storageKey, JSON.stringify(lost));
  }

  return {
    /**
     * What the server says to a request for an answer, which is sent again where that gets lost. `sent` is remembered until the
     * server has taken or refused it; null where nothing goes along that could be lost. Errors: those of `call`.
     */
    async ask<T>(call: () => Promise<T>, { leave, until }: Signals, sent: Sent | null): Promise<T> {
      let hasLost = false;
      const settled = () => {
        // By now it may be another one: this one was taken back.
        if (sent !== null && sent.key === lost?.key && !leave.aborted) forget();
      };
      if (sent !== null) remember(sent);
      try {
        const answer = await resendLost(call, until, () => {
          hasLost = true;
          if (!until.aborted) store.set({ connection: "reconnecting" });
        });
        settled();
        return answer;
      } catch (error) {
        // Where every answer came, the server does not have it.
        if (!hasLost) settled();
        throw error;
      }
    },
    /** The key of the request that this would be once more; null where it is another. */
    keyFor: (place: string, prompt: Prompt): string | null =>
      lost !== null && lost.place === place && isSame(lost, prompt) ? lost.key : null,
  };
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

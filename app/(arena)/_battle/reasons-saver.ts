import type { VoteReasons } from "@/lib/protocol";

export type SaveState = "none" | "saving" | "saved" | "failed";

/**
 * Saves what is said of a vote: one call at a time and in order, so that the newest choice is what stays, and each carries all of
 * it, so that those between may be left out. It goes on where whoever asked has left.
 */
export function createReasonsSaver(
  send: (reasons: VoteReasons) => Promise<unknown>,
  onState: (state: SaveState) => void,
) {
  let next: VoteReasons | null = null;
  let isSending = false;

  async function sendAll() {
    isSending = true;
    onState("saving");
    let state: SaveState = "saved";
    while (next !== null) {
      const reasons = next;
      next = null;
      try {
        await send(reasons);
        state = "saved";
      } catch {
        // Whatever it was: the choice stands on the page and can be saved again.
        state = "failed";
      }
    }
    isSending = false;
    onState(state);
  }

  return {
    save(reasons: VoteReasons) {
      next = reasons;
      if (!isSending) void sendAll();
    },
    /** The page goes: what still waits for the call before it is sent now or never. */
    flush() {
      if (next === null) return;
      const reasons = next;
      next = null;
      void send(reasons).then(undefined, () => onState("failed"));
    },
  };
}

import type { BoardState } from "./board-state";
import type { ShownFit } from "./board-view";

export type KeptAnswer = { body: Buffer; etag: string };

/** How many different questions are remembered; each answer has some tens of kilobytes. */
const maxKept = 128;

/** Serialized boards, each good as long as what it was made from is the newest: the very same objects. */
export function createKeptAnswers() {
  const kept = new Map<string, KeptAnswer & { state: BoardState; style: ShownFit | null }>();
  return {
    get(name: string, state: BoardState, style: ShownFit | null): KeptAnswer | null {
      const found = kept.get(name);
      return found !== undefined && found.state === state && found.style === style ? found : null;
    },
    keep(name: string, state: BoardState, style: ShownFit | null, answer: KeptAnswer): KeptAnswer {
      kept.delete(name);
      kept.set(name, { ...answer, state, style });
      const oldest = kept.keys().next().value;
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
      return answer;
    },
  };
}

import type { CountRow } from "@/lib/leaderboard";
import type { Outcome } from "@/lib/protocol";

export type CountableVote = {
  board: string;
  modelAId: string;
  modelBId: string;
  outcome: Outcome;
  count: number;
  /** Anything that is the same for the votes of one voter of one source. */
  voter: string | null;
};

export type BoardCounts = { rows: CountRow[]; votes: number; voters: number };

/** Counts votes again from nothing: what the tables of counts must say. Grows with pairs and voters, not with votes. */
export class Recount {
  readonly #boards = new Map<string, { pairs: Map<string, CountRow>; votes: number; voters: Set<string> }>();

  add({ board, modelAId, modelBId, outcome, count, voter }: CountableVote): void {
    let counted = this.#boards.get(board);
    if (counted === undefined) {
      counted = { pairs: new Map(), votes: 0, voters: new Set() };
      this.#boards.set(board, counted);
    }
    counted.votes += count;
    if (voter !== null) counted.voters.add(voter);
    // A model against itself: win_low is for side A, as `countVote` has it.
    const isALow = modelAId <= modelBId;
    const [lowId, highId] = isALow ? [modelAId, modelBId] : [modelBId, modelAId];
    const key = `${lowId}${highId}`;
    let row = counted.pairs.get(key);
    if (row === undefined) {
      row = { lowId, highId, winLow: 0, winHigh: 0, tie: 0, bothBad: 0 };
      counted.pairs.set(key, row);
    }
    if (outcome === "tie") row.tie += count;
    else if (outcome === "both_bad") row.bothBad += count;
    else if ((outcome === "a") === isALow) row.winLow += count;
    else row.winHigh += count;
  }

  /** By name of the board. */
  boards(): Map<string, BoardCounts> {
    const names = [...this.#boards.keys()].sort();
    return new Map(
      names.map((name) => {
        const counted = this.#boards.get(name);
        const rows = [...(counted?.pairs.values() ?? [])];
        return [name, { rows, votes: counted?.votes ?? 0, voters: counted?.voters.size ?? 0 }];
      }),
    );
  }
}

import type { Outcome } from "@/lib/protocol";
import { addOutcome, emptyPairCounts, fitBoard, type PairCounts } from "@/lib/rating";

/** The counts of a board in memory, as the site keeps them in `pair_counts`. */
export class MemoryBoard {
  readonly modelIds: readonly string[];
  readonly #pairs = new Map<number, PairCounts>();

  constructor(modelIds: readonly string[]) {
    this.modelIds = modelIds;
  }

  add(modelAId: string, modelBId: string, outcome: Outcome, change: 1 | -1): void {
    const [a, b] = [this.modelIds.indexOf(modelAId), this.modelIds.indexOf(modelBId)];
    const key = Math.min(a, b) * this.modelIds.length + Math.max(a, b);
    this.#pairs.set(key, addOutcome(this.#pairs.get(key) ?? emptyPairCounts(a, b), a, outcome, change));
  }

  get pairs(): PairCounts[] {
    return [...this.#pairs.values()];
  }

  scoreOf(modelId: string): number {
    const row = fitBoard(this.modelIds.length, this.pairs).rows[this.modelIds.indexOf(modelId)];
    return row?.rating?.score ?? Number.NaN;
  }
}

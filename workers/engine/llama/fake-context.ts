import type { StepSequence } from "./step-scheduler";

/**
 * A context for scheduler tests that behaves as node-llama-cpp's does: calls queue up, one decode in the next turn of
 * the event loop takes all that are queued, and their promises settle in an order that `settleOrder` decides.
 */
export class FakeContext {
  /** Ids and token counts of each decode, in the order of the queue; `text` marks a sampled token. */
  readonly decodes: { id: number; tokens: number; samples: boolean }[][] = [];
  /** Prefixes that sequences were aligned to. */
  readonly aligned: { id: number; kept: number }[] = [];
  readonly states: number[][];
  /** Ids that hold a generation open. */
  readonly open = new Set<number>();
  fills = 0;
  /** Called within a decode, before its results settle. */
  onDecode: (step: number) => void = () => undefined;
  /** Ids whose next decode fails. */
  readonly failing = new Set<number>();
  #queue: Queued[] = [];
  readonly #settleOrder: (ids: number[]) => number[];

  constructor(slots: number, settleOrder: (ids: number[]) => number[] = (ids) => ids) {
    this.states = Array.from({ length: slots }, () => []);
    this.#settleOrder = settleOrder;
  }

  sequences(): StepSequence<FakeSampling>[] {
    return this.states.map((_, id) => this.#sequence(id));
  }

  #sequence(id: number): StepSequence<FakeSampling> {
    let sampling: FakeSampling | null = null;
    let sampled = 0;
    const sample = async (tokens: readonly number[]): Promise<number | null> => {
      await this.#decode(id, tokens, true);
      sampled++;
      return sampling !== null && sampled > sampling.length ? null : 1000 + sampled;
    };
    return {
      commonPrefix: (prompt) => {
        const state = this.states[id] ?? [];
        const at = prompt.findIndex((token, index) => state[index] !== token);
        return at === -1 ? prompt.length : at;
      },
      align: async (prefix) => {
        const state = this.states[id] ?? [];
        const at = state.findIndex((token, index) => prefix[index] !== token);
        if (at !== -1) state.length = at;
        this.aligned.push({ id, kept: state.length });
        return state.length;
      },
      feed: (tokens) => this.#decode(id, tokens, false),
      begin: (tokens, given) => {
        sampling = given;
        sampled = 0;
        this.open.add(id);
        return sample(tokens);
      },
      next: () => sample([1000 + sampled]),
      canFill: () => true,
      fill: async () => {
        await this.#decode(id, [0], false);
        // As if it were taken off at once.
        this.states[id]?.pop();
        this.fills++;
      },
      clearFill: async () => undefined,
      end: async () => {
        this.open.delete(id);
      },
    };
  }

  #decode(id: number, tokens: readonly number[], samples: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.#run());
      this.#queue.push({ id, tokens, samples, resolve, reject });
    });
  }

  #run(): void {
    const queue = this.#queue;
    this.#queue = [];
    this.decodes.push(queue.map(({ id, tokens, samples }) => ({ id, tokens: tokens.length, samples })));
    this.onDecode(this.decodes.length);
    for (const { id, tokens } of queue) this.states[id]?.push(...tokens);
    for (const id of this.#settleOrder(queue.map((item) => item.id))) {
      const item = queue.find((candidate) => candidate.id === id);
      if (this.failing.delete(id)) item?.reject(new Error("decode failed"));
      else item?.resolve();
    }
  }
}

/** How many tokens the model samples before it ends its turn. */
export type FakeSampling = { length: number };

type Queued = {
  id: number;
  tokens: readonly number[];
  samples: boolean;
  resolve(): void;
  reject(error: unknown): void;
};

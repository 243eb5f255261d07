import { toAppError } from "@/lib/errors";
import { chooseFillers, chooseSlot, planStep, type StepItem } from "./step-policy";
import { type ChunkLimits, chooseChunk, StepSpeed } from "./step-speed";

/** One sequence of the model's context, as the scheduler drives it. All calls of a step are made at once. */
export type StepSequence<Sampling> = {
  /** Leading tokens of `prompt` that the state holds. */
  commonPrefix(prompt: readonly number[]): number;
  /** Drops what differs from `prefix`; resolves to the number of its tokens that are still evaluated. */
  align(prefix: readonly number[]): Promise<number>;
  /** Evaluates prompt tokens without sampling. */
  feed(tokens: readonly number[]): Promise<void>;
  /** Evaluates the last prompt tokens and samples the first token; null: the model ended its turn. */
  begin(tokens: readonly number[], sampling: Sampling): Promise<number | null>;
  /** Evaluates the token sampled last and samples the next one; null: the model ended its turn. */
  next(): Promise<number | null>;
  /** True: `fill` may be called. */
  canFill(): boolean;
  /** Without a job: evaluates one token to no end, beside the others of a step. `align` forgets it. */
  fill(): Promise<void>;
  /** After a fill: takes what was filled in off again, where it has become long. */
  clearFill(): Promise<void>;
  /** Releases what `begin` took. The evaluated state stays, for a later prompt that begins alike. */
  end(): Promise<void>;
};

export type StepJob<Sampling> = {
  prompt: readonly number[];
  sampling: Sampling;
  mayReusePrefix: boolean;
  signal: AbortSignal;
  /** True while the reader is behind; the slot then waits without being decoded. */
  isPaused(): boolean;
  /** A slot was given; `cachedTokens` of the prompt need no evaluation. */
  onStart(cachedTokens: number): void;
  /** False: that was the last token. */
  onToken(token: number): boolean;
  /** The model ended its turn. */
  onEndOfTurn(): void;
  onError(error: unknown): void;
};

export type SchedulerStats = {
  steps: number;
  /** Sum over steps of the slots that took part. */
  slotSteps: number;
  /** Sum over steps of the slots that had work. */
  activeSlotSteps: number;
  promptTokens: number;
  generatedTokens: number;
};

/** Told of what the scheduler does; times in milliseconds. */
export type StepObserver = {
  /** A job got its slot. */
  started(waitMs: number): void;
  /** Prompt tokens evaluated between a job's slot and its first token. */
  prompted(tokens: number, ms: number): void;
  stepped(busySlots: number, activeSlots: number): void;
};

type Waiting<Sampling> = { job: StepJob<Sampling>; since: number };

type Slot<Sampling> = {
  id: number;
  sequence: StepSequence<Sampling>;
  job: StepJob<Sampling> | null;
  /** Prompt tokens evaluated so far. */
  position: number;
  /** The scheduler's prompt tokens when the job got the slot. */
  arrivedAt: number;
  lastStep: number;
  /** When the job got the slot, and what of its prompt was evaluated before; null: its first token is out. */
  started: { at: number; cachedTokens: number } | null;
};

/**
 * Lock-step batching above independent sequences: gathers all that are ready and releases them together, in ascending
 * ids, when no other step is in flight. Jobs beyond the slots wait in order of arrival.
 */
export class StepScheduler<Sampling> {
  readonly stats: SchedulerStats = {
    steps: 0,
    slotSteps: 0,
    activeSlotSteps: 0,
    promptTokens: 0,
    generatedTokens: 0,
  };
  readonly #slots: readonly Slot<Sampling>[];
  readonly #limits: ChunkLimits;
  readonly #observer: StepObserver | null;
  readonly #now: () => number;
  readonly #speed = new StepSpeed();
  #waiting: Waiting<Sampling>[] = [];
  /** Prompt tokens of the latest step that also had answers. */
  #latestChunk = 0;
  #isRunning = false;
  #loop: Promise<void> = Promise.resolve();

  /** `sequences` in the order of their ids in the context; `now` in milliseconds. */
  constructor(
    sequences: readonly StepSequence<Sampling>[],
    limits: ChunkLimits,
    observer: StepObserver | null = null,
    now: () => number = () => performance.now(),
  ) {
    this.#slots = sequences.map((sequence, id) => ({
      id,
      sequence,
      job: null,
      position: 0,
      arrivedAt: 0,
      lastStep: 0,
      started: null,
    }));
    this.#limits = limits;
    this.#observer = observer;
    this.#now = now;
  }

  get busySlots(): number {
    return this.#slots.filter((slot) => slot.job !== null).length;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  submit(job: StepJob<Sampling>): void {
    this.#waiting.push({ job, since: this.#now() });
    job.signal.addEventListener("abort", () => this.#abort(job), { once: true });
    if (job.signal.aborted) this.#abort(job);
    this.wake();
  }

  /** Looks for work again: after a submit, an abort, or when a reader has caught up. */
  wake(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#loop = this.#run();
  }

  /** Resolves when no step is in flight. */
  async idle(): Promise<void> {
    while (this.#isRunning) await this.#loop;
  }

  /** A waiting job goes at once; a running one before the next step, as a decode in flight cannot be stopped. */
  #abort(job: StepJob<Sampling>): void {
    const at = this.#waiting.findIndex((waiting) => waiting.job === job);
    if (at !== -1) this.#waiting.splice(at, 1);
    job.onError(job.signal.reason);
    this.wake();
  }

  async #run(): Promise<void> {
    // One microtask later, so that requests that arrive together begin together.
    await null;
    while (true) {
      await this.#freeAborted();
      await this.#admit();
      const active = this.#slots.filter(isRunnable);
      if (active.length === 0) {
        if (this.#slots.some((slot) => slot.job?.signal.aborted === true)) continue;
        if (this.#waiting.length > 0 && this.#slots.some((slot) => slot.job === null)) continue;
        // In the same turn as the look for work: a `wake` after it starts a new loop.
        this.#isRunning = false;
        return;
      }
      await this.#step(active);
    }
  }

  async #freeAborted(): Promise<void> {
    for (const slot of this.#slots) if (slot.job?.signal.aborted === true) await this.#free(slot);
  }

  async #admit(): Promise<void> {
    while (this.#waiting.length > 0) {
      const free = this.#slots.filter((slot) => slot.job === null);
      const [first] = this.#waiting;
      if (first === undefined || free.length === 0) return;
      const { job, since } = first;
      // The last prompt token is always evaluated: its logits give the first token of the answer.
      const prefix = job.mayReusePrefix ? job.prompt.slice(0, -1) : [];
      const choice = chooseSlot(
        free.map((slot) => ({ id: slot.id, commonPrefix: slot.sequence.commonPrefix(prefix) })),
      );
      const slot = free.find((candidate) => candidate.id === choice?.id);
      if (slot === undefined) return;
      this.#waiting.shift();
      slot.job = job;
      slot.arrivedAt = this.stats.promptTokens;
      slot.lastStep = this.stats.steps;
      try {
        slot.position = await slot.sequence.align(prefix);
        if (job.signal.aborted) continue;
        const at = this.#now();
        slot.started = { at, cachedTokens: slot.position };
        this.#observer?.started(at - since);
        job.onStart(slot.position);
      } catch (error) {
        await this.#fail(slot, error);
      }
    }
  }

  async #step(active: readonly Slot<Sampling>[]): Promise<void> {
    const { stats } = this;
    stats.steps++;
    const plan = this.#plan(active);
    stats.slotSteps += plan.length;
    stats.activeSlotSteps += active.length;
    this.#observer?.stepped(plan.length, active.length);
    const fillers = chooseFillers(plan, this.#fillableIds(), this.#limits.batchTokens).map((id) => ({
      id,
      promptTokens: null,
    }));
    // All are called before the first is awaited: that is what makes them one batch.
    const running = [...plan, ...fillers]
      .sort((a, b) => a.id - b.id)
      .map(({ id, promptTokens }) => {
        const slot = this.#slots[id];
        if (slot === undefined) throw new Error(`There is no slot ${id}.`);
        if (promptTokens === null) {
          return { slot, isFiller: true, outcome: settle(slot.sequence.fill().then(() => "none" as const)) };
        }
        slot.lastStep = stats.steps;
        stats.promptTokens += promptTokens;
        return { slot, isFiller: false, outcome: settle(advance(slot, promptTokens)) };
      });
    const startedAt = this.#now();
    const answers = plan.filter((item) => item.promptTokens === 0).length;
    const promptTokens = plan.reduce((sum, item) => sum + item.promptTokens, 0);
    await Promise.all(running.map(({ outcome }) => outcome));
    this.#speed.note({ answers, promptTokens }, this.#now() - startedAt);
    if (answers > 0 && promptTokens > 0) this.#latestChunk = promptTokens;
    for (const { slot, isFiller, outcome } of running) {
      if (isFiller) await this.#afterFill(slot, await outcome);
      else await this.#take(slot, await outcome);
    }
  }

  #plan(active: readonly Slot<Sampling>[]): StepItem[] {
    const views = active.map((slot) => ({
      id: slot.id,
      promptLeft: promptLeft(slot),
      arrivedAt: slot.arrivedAt,
      lastStep: slot.lastStep,
    }));
    const { batchTokens } = this.#limits;
    const answers = views.filter((view) => view.promptLeft === 0).length;
    const promptTokensBesideAnswers = chooseChunk(
      (load) => this.#speed.expect(load),
      answers,
      this.#limits,
      this.#latestChunk,
    );
    return planStep(views, { batchTokens, promptTokensBesideAnswers }, this.stats.steps);
  }

  #fillableIds(): Set<number> {
    return new Set(
      this.#slots.filter((slot) => slot.job === null && slot.sequence.canFill()).map(({ id }) => id),
    );
  }

  /** A failed decode is the jobs' failure; the state after it is unknown here, too. */
  async #afterFill(slot: Slot<Sampling>, outcome: Outcome): Promise<void> {
    if ("error" in outcome) await this.#forget(slot);
    else await slot.sequence.clearFill();
  }

  async #take(slot: Slot<Sampling>, outcome: Outcome): Promise<void> {
    const { job } = slot;
    if (job === null || job.signal.aborted) return;
    if ("error" in outcome) {
      await this.#fail(slot, outcome.error);
      return;
    }
    if (outcome.token === "none") return;
    this.stats.generatedTokens++;
    if (slot.started !== null) {
      const { at, cachedTokens } = slot.started;
      this.#observer?.prompted(job.prompt.length - cachedTokens, this.#now() - at);
      slot.started = null;
    }
    if (outcome.token === null) job.onEndOfTurn();
    else if (job.onToken(outcome.token)) return;
    await this.#free(slot);
  }

  async #free(slot: Slot<Sampling>): Promise<void> {
    slot.job = null;
    slot.position = 0;
    slot.started = null;
    await slot.sequence.end();
  }

  /** The state after a failed decode is unknown: forget it. */
  async #fail(slot: Slot<Sampling>, error: unknown): Promise<void> {
    slot.job?.onError(toAppError(error));
    await this.#free(slot);
    await this.#forget(slot);
  }

  async #forget({ sequence }: Slot<Sampling>): Promise<void> {
    await settle(sequence.align([]).then(() => "none" as const));
  }
}

type Outcome = { token: number | null | "none" } | { error: unknown };

function isRunnable<Sampling>(slot: Slot<Sampling>): boolean {
  return slot.job !== null && !slot.job.signal.aborted && !slot.job.isPaused();
}

function promptLeft<Sampling>(slot: Slot<Sampling>): number {
  return slot.job === null ? 0 : slot.job.prompt.length - slot.position;
}

async function advance<Sampling>(
  slot: Slot<Sampling>,
  promptTokens: number,
): Promise<number | null | "none"> {
  const { job, sequence } = slot;
  if (job === null) return "none";
  if (promptTokens === 0) return sequence.next();
  const chunk = job.prompt.slice(slot.position, slot.position + promptTokens);
  slot.position += chunk.length;
  if (slot.position === job.prompt.length) return sequence.begin(chunk, job.sampling);
  await sequence.feed(chunk);
  return "none";
}

function settle(running: Promise<number | null | "none">): Promise<Outcome> {
  return running.then(
    (token) => ({ token }),
    (error: unknown) => ({ error }),
  );
}

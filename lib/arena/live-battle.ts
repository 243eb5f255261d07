import { type AnswerRun, type AnswerRunDeps, ReaderWatch } from "@/lib/answers";
import {
  type BattleEvent,
  type ChatMessage,
  type OpenBattle,
  type Side,
  sides,
  type TurnView,
} from "@/lib/protocol";
import {
  type BattleRow,
  battleStatus,
  isRunning,
  type OpenBattleFacts,
  shownResponse,
  toOpenBattle,
  toOpenBattleFacts,
  toTurnView,
} from "./dto";
import { runSide } from "./side-run";

export type LiveBattleDeps = AnswerRunDeps & {
  /** Longest answer, in tokens. */
  maxTokens: number;
  /** How long answers go on without any reader. */
  orphanGraceMs: number;
  /** Called when nothing runs and nobody listens any more. */
  onIdle: () => void;
  /** Reads the battle's rows anew and calls `update`. */
  reload: (battle: LiveBattle) => Promise<void>;
};

type Listener = (event: BattleEvent) => void;

/** What the battle page may know, and the two answers that are being written: one battle in this process's memory. */
export class LiveBattle {
  readonly id: string;
  readonly visitorId: string;
  readonly #deps: LiveBattleDeps;
  #facts: OpenBattleFacts;
  #models: Record<Side, { name: string; contextLength: number | null }>;
  readonly #runs = new Map<Side, AnswerRun>();
  readonly #listeners = new Set<Listener>();
  readonly #watch: ReaderWatch;
  #turns: TurnView[];

  constructor(deps: LiveBattleDeps, row: BattleRow) {
    this.id = row.id;
    this.visitorId = row.visitorId;
    this.#deps = deps;
    this.#facts = toOpenBattleFacts(row);
    this.#models = { a: row.modelA, b: row.modelB };
    this.#turns = row.turns.map(toTurnView);
    this.#watch = new ReaderWatch({
      orphanGraceMs: deps.orphanGraceMs,
      isOrphan: () => this.#listeners.size === 0 && this.#runs.size > 0,
      isFollowing: () => this.#listeners.size > 0 && this.#isWrittenElsewhere(),
      onOrphaned: () => {
        for (const run of this.#runs.values()) run.stop();
      },
      follow: () => deps.reload(this),
      onFollowFailed: (error) =>
        deps.logger.warn({ err: error, battleId: this.id }, "cannot follow a battle"),
    });
  }

  view(): OpenBattle {
    return toOpenBattle(this.#facts, this.#turns);
  }

  get isIdle(): boolean {
    return this.#runs.size === 0 && this.#listeners.size === 0;
  }

  /** Takes over the rows as they are now and begins to answer the responses in `queued`. */
  update(row: BattleRow, queued: readonly string[]): void {
    // The sides of a comparison may have been exchanged.
    this.#facts = toOpenBattleFacts(row);
    this.#models = { a: row.modelA, b: row.modelB };
    const running = new Map(this.#turns.map((turn) => [turn.id, turn]));
    this.#turns = row.turns.map((turnRow) => {
      const fresh = toTurnView(turnRow);
      const known = running.get(turnRow.id);
      // A side that this process is writing is ahead of its row.
      if (known !== undefined) for (const side of sides) if (this.#runs.has(side)) fresh[side] = known[side];
      return fresh;
    });
    this.#emit({ type: "snapshot", battle: this.view() });
    const last = row.turns.at(-1);
    const turn = this.#turns.at(-1);
    if (last === undefined || turn === undefined) return;
    for (const side of sides) {
      const responseId = shownResponse(last, side).id;
      if (queued.includes(responseId) && !this.#runs.has(side)) this.#start(side, turn, responseId);
    }
    this.#watch.update();
  }

  /** Stops one side or both; settles when the ends are stored. */
  async stop(side?: Side): Promise<void> {
    const runs = [...this.#runs]
      .filter(([running]) => side === undefined || running === side)
      .map(([, run]) => run);
    for (const run of runs) run.stop();
    await Promise.all(runs.map((run) => run.done));
  }

  /** Ends everything at once: the process is going. */
  async close(): Promise<void> {
    await this.stop();
    this.#listeners.clear();
    this.#watch.update();
  }

  /** Settles when nothing is being written. */
  async settled(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.done));
  }

  /** Sends a snapshot at once and then every event. Returns the way out. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#watch.update();
    listener({ type: "snapshot", battle: this.view() });
    return () => {
      this.#listeners.delete(listener);
      this.#watch.update();
      if (this.isIdle) this.#deps.onIdle();
    };
  }

  /** Tells every open page that the vote was cast; the names are fetched, never pushed. */
  announceVote(): void {
    this.#emit({ type: "voted" });
  }

  #start(side: Side, turn: TurnView, responseId: string): void {
    const model = this.#models[side];
    const run = runSide(this.#deps, {
      responseId,
      turnId: turn.id,
      side,
      model: model.name,
      messages: this.#messages(side),
      // Half of the context at most, so that the prompt has room whatever the engine's tokenizer makes of it.
      maxTokens: Math.min(
        this.#deps.maxTokens,
        Math.floor((model.contextLength ?? Number.POSITIVE_INFINITY) / 2),
      ),
      view: turn[side],
      emit: (event) => this.#emit(event),
    });
    this.#runs.set(side, run);
    void run.done.then(() => {
      if (this.#runs.get(side) === run) this.#runs.delete(side);
      const last = this.#turns.at(-1);
      if (last?.id === turn.id && battleStatus(this.#turns) === "ready")
        this.#emit({ type: "ready", turnId: turn.id });
      this.#watch.update();
      if (this.isIdle) this.#deps.onIdle();
    });
  }

  #messages(side: Side): ChatMessage[] {
    return this.#turns.flatMap((turn): ChatMessage[] => {
      const question: ChatMessage = { role: "user", content: turn.prompt };
      const isAnswered = !isRunning(turn[side].status) && turn[side].status !== "failed";
      return isAnswered ? [question, { role: "assistant", content: turn[side].text }] : [question];
    });
  }

  #emit(event: BattleEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** A running side without a run here is written by another process, or was lost with one. */
  #isWrittenElsewhere(): boolean {
    const last = this.#turns.at(-1);
    return sides.some((side) => last !== undefined && isRunning(last[side].status) && !this.#runs.has(side));
  }
}

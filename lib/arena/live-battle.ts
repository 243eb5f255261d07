import {
  type AnswerRun,
  type AnswerRunDeps,
  type ChargeTokens,
  ReaderWatch,
  type Stopper,
  toSampling,
} from "@/lib/answers";
import type { IllustratedMessage } from "@/lib/attachments";
import {
  type BattleEvent,
  type ChatMessage,
  chatParametersSchema,
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
import type { Redraw, Redrawn } from "./redraw-pair";
import { runSide } from "./side-run";
import { createStartHold, type StartHold } from "./start-hold";

export type LiveBattleDeps = AnswerRunDeps & {
  /** Longest answer, in tokens. */
  maxTokens: number;
  /** How long answers go on without any reader. */
  orphanGraceMs: number;
  /** Called when nothing runs and nobody listens any more. */
  onIdle: () => void;
  /** Reads the battle's rows anew and calls `update`. */
  reload: (battle: LiveBattle) => Promise<void>;
  /** Gives the battle two other models; null where that cannot be. See `redrawPair`. */
  redraw: (options: Omit<Redraw, "battleId">) => Promise<Redrawn | null>;
  /** Characters a second at which the answers of a blind battle are shown; null: as they come. */
  charsPerSecond: () => number | null;
  /** The messages with the bytes of their images. */
  illustrate: (messages: readonly IllustratedMessage[]) => Promise<ChatMessage[]>;
};

/**
 * The first answers are shown once both sides have a worker, so that a pair of which one cannot start is replaced before
 * anything was seen. A worker that is gone refuses within this time, and nobody notices it; a side that waits in line, or
 * whose worker is slow to begin, holds up the other no longer.
 */
const holdMs = 400;
/** With a pace both begin together, for their speeds are not to be seen; but not at any price. */
const pacedHoldMs = 3_000;

/** Pairs that may fail to start, one after another, before the visitor is told. */
const maxRedraws = 3;

type Listener = (event: BattleEvent) => void;

type Start = {
  side: Side;
  turn: TurnView;
  responseId: string;
  hold: StartHold | null;
  /** Characters a second; null: as they come. */
  pace: number | null;
  charge: ChargeTokens | undefined;
};

/** What the battle page may know, and the two answers that are being written: one battle in this process's memory. */
export class LiveBattle {
  readonly id: string;
  /** Whose it is. */
  visitorId: string;
  readonly #deps: LiveBattleDeps;
  #facts: OpenBattleFacts;
  #models: Record<Side, BattleRow["modelA"]>;
  readonly #runs = new Map<Side, AnswerRun>();
  readonly #listeners = new Set<Listener>();
  readonly #watch: ReaderWatch;
  #turns: TurnView[];
  /** Models of this battle that could not start, and the draw of others that is under way. */
  readonly #failedModels = new Set<string>();
  #redraws = 0;
  #redrawing: Promise<boolean> | null = null;
  #bothFailed: () => void = () => undefined;
  #release: () => void = () => undefined;
  readonly #unheard = new WeakSet<AnswerRun>();
  /** No turn was replaced: of those that were, the visitor has read answers of this pair. */
  #isFirstTurn = false;
  #isClosing = false;

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
      isFollowing: () => this.#listeners.size > 0 && this.isWrittenElsewhere,
      onOrphaned: () => {
        for (const run of this.#runs.values()) run.stop("absence");
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
    return this.#runs.size === 0 && this.#redrawing === null && this.#listeners.size === 0;
  }

  /** A running side without a run here is written by another process, or was lost with one. */
  get isWrittenElsewhere(): boolean {
    const last = this.#turns.at(-1);
    return sides.some((side) => last !== undefined && isRunning(last[side].status) && !this.#runs.has(side));
  }

  /** Takes over the rows as they are now and begins to answer the responses in `queued`, whose tokens are charged by `charge`. */
  update(row: BattleRow, queued: readonly string[], charge?: ChargeTokens): void {
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
    this.#isFirstTurn = last.ordinal === 0;
    // Models that the visitor has chosen have nothing to hide.
    const pace = this.#isDrawn ? this.#deps.charsPerSecond() : null;
    const isHeld = this.#isDrawn && (this.#isFirstTurn || pace !== null) && queued.length === sides.length;
    const hold = isHeld ? createStartHold(pace === null ? holdMs : pacedHoldMs) : null;
    if (hold !== null) this.#release = hold.release;
    for (const side of sides) {
      const responseId = shownResponse(last, side).id;
      if (queued.includes(responseId) && !this.#runs.has(side))
        this.#start({ side, turn, responseId, hold, pace, charge });
    }
    this.#watch.update();
  }

  /** Stops one side or both; settles when the ends are stored. */
  async stop(side?: Side, by: Stopper = "visitor"): Promise<void> {
    // A pair that takes over now would not know of the wish to stop.
    await this.#redrawing;
    const runs = [...this.#runs]
      .filter(([running]) => side === undefined || running === side)
      .map(([, run]) => run);
    for (const run of runs) run.stop(by);
    this.#release();
    await Promise.all(runs.map((run) => run.done));
  }

  /** Ends everything at once: the process is going. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.stop(undefined, "server");
    this.#listeners.clear();
    this.#watch.update();
  }

  /** Settles when nothing is being written. */
  async settled(): Promise<void> {
    while (this.#runs.size > 0) await Promise.all([...this.#runs.values()].map((run) => run.done));
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

  #start({ side, turn, responseId, hold, pace, charge }: Start): void {
    const model = this.#models[side];
    const defaults = chatParametersSchema.parse(model.defaultParameters);
    const messages = this.#messages(side);
    /** Null while it begins, when it may already tell its place in the line. */
    let begun: AnswerRun | null = null;
    const run = runSide(this.#deps, {
      responseId,
      turnId: turn.id,
      side,
      model: model.name,
      messages: () => this.#deps.illustrate(messages),
      sampling: toSampling(defaults),
      // Half of the context at most, so that the prompt has room whatever the engine's tokenizer makes of it.
      maxTokens: Math.min(
        defaults.maxTokens ?? Number.POSITIVE_INFINITY,
        this.#deps.maxTokens,
        Math.floor((model.contextLength ?? Number.POSITIVE_INFINITY) / 2),
      ),
      view: turn[side],
      emit: (event) => {
        // A side that ends because another pair takes over is not heard of.
        if (begun === null || !this.#unheard.has(begun)) this.#emit(event);
      },
      replace: () => this.#replacePair(side, turn, charge),
      // Paced, both begin together: which of them thinks longer is not to be seen either.
      ...(pace === null
        ? { onQueued: () => hold?.release(), onClaimed: () => hold?.claim(side) }
        : { onFirstText: () => hold?.claim(side), charsPerSecond: pace }),
      held: hold?.held,
      charge,
    });
    begun = run;
    this.#runs.set(side, run);
    void run.done.then(() => {
      hold?.release();
      if (this.#runs.get(side) === run) this.#runs.delete(side);
      const last = this.#turns.at(-1);
      if (last?.id === turn.id && battleStatus(this.#turns) === "ready")
        this.#emit({ type: "ready", turnId: turn.id });
      this.#watch.update();
      if (this.isIdle) this.#deps.onIdle();
    });
  }

  /**
   * A side could not start. While the visitor has seen no text of the battle, two other models take over; when both sides
   * fail, one draw serves both. False: the failure is to be shown.
   */
  #replacePair(side: Side, turn: TurnView, charge: ChargeTokens | undefined): Promise<boolean> {
    this.#failedModels.add(this.#models[side].id);
    if (this.#redrawing !== null) {
      this.#bothFailed();
      return this.#redrawing;
    }
    if (!this.#isUntouched(turn) || this.#redraws >= maxRedraws) return Promise.resolve(false);
    this.#redraws += 1;
    const otherFailed = new Promise<void>((resolve) => {
      this.#bothFailed = resolve;
    });
    this.#redrawing = this.#redraw(side, turn, charge, otherFailed).finally(() => {
      this.#redrawing = null;
    });
    return this.#redrawing;
  }

  /** Models that the visitor has chosen are never replaced. */
  get #isDrawn(): boolean {
    return this.#facts.named === null;
  }

  #isUntouched(turn: TurnView): boolean {
    const isOnly = this.#turns.length === 1 && this.#turns[0] === turn;
    return (
      this.#isDrawn &&
      isOnly &&
      this.#isFirstTurn &&
      !this.#isClosing &&
      sides.every((side) => turn[side].text === "")
    );
  }

  async #redraw(
    failed: Side,
    turn: TurnView,
    charge: ChargeTokens | undefined,
    otherFailed: Promise<void>,
  ): Promise<boolean> {
    const other = this.#runs.get(failed === "a" ? "b" : "a");
    /** Ends the other side unheard. While the pair was drawn, it may have begun to write: then the pair stays. */
    const endOther = async () => {
      if (!this.#isUntouched(turn)) return false;
      if (other === undefined) return true;
      this.#unheard.add(other);
      other.stop("visitor");
      this.#release();
      // It may have failed before it heard of this, and now waits for the draw itself.
      await Promise.race([other.done, otherFailed]);
      return true;
    };
    try {
      const readsImages = turn.images.length > 0;
      const drawn = await this.#deps.redraw({ excluded: this.#failedModels, readsImages, endOther });
      if (drawn !== null) {
        this.#runs.clear();
        this.update(drawn.row, drawn.queued, charge);
        return true;
      }
    } catch (error) {
      this.#deps.logger.error({ err: error, battleId: this.id }, "no other pair could be drawn");
    }
    // Whatever the other side came to is in its view, and is told now.
    if (other !== undefined && this.#unheard.delete(other)) {
      this.#emit({ type: "snapshot", battle: this.view() });
    }
    return false;
  }

  #messages(side: Side): IllustratedMessage[] {
    const { systemPrompt } = this.#models[side];
    const opening: IllustratedMessage[] =
      systemPrompt.trim() === "" ? [] : [{ role: "system", content: systemPrompt, images: [] }];
    const turns = this.#turns.flatMap(({ prompt, images, [side]: response }): IllustratedMessage[] => {
      const question = { role: "user", content: prompt, images } as const;
      const isAnswered = !isRunning(response.status) && response.status !== "failed";
      return isAnswered ? [question, { role: "assistant", content: response.text, images: [] }] : [question];
    });
    return [...opening, ...turns];
  }

  #emit(event: BattleEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

import {
  type AnswerRun,
  type AnswerRunDeps,
  type ChargeTokens,
  ReaderWatch,
  runAnswer,
  type Stopper,
  toSampling,
  toSideFailure,
} from "@/lib/answers";
import type { IllustratedMessage } from "@/lib/attachments";
import {
  type AssistantMessage,
  type ChatEvent,
  type ChatMessage,
  type ConversationView,
  chatParametersSchema,
} from "@/lib/protocol";
import { maxTokensFor, messagesFor } from "./answer-request";
import { type ConversationRow, isRunningAnswer, type MessageRow, toConversationView, toFailure } from "./dto";

export type LiveConversationDeps = AnswerRunDeps & {
  /** Longest answer, in tokens. */
  maxTokens: number;
  /** How long answers go on without any reader. */
  orphanGraceMs: number;
  /** Called when nothing runs and nobody listens any more. */
  onIdle: () => void;
  /** The messages with the bytes of their images. */
  illustrate: (messages: readonly IllustratedMessage[]) => Promise<ChatMessage[]>;
  /** Reads the conversation's rows anew and calls `update`. */
  reload: (conversation: LiveConversation) => Promise<void>;
};

type Listener = (event: ChatEvent) => void;

/** A conversation in this process's memory: as its page may see it, and the answer that is being written. */
export class LiveConversation {
  readonly id: string;
  /** Whose it is; null: it was deleted. */
  visitorId: string | null;
  readonly #deps: LiveConversationDeps;
  readonly #runs = new Map<string, AnswerRun>();
  readonly #listeners = new Set<Listener>();
  readonly #watch: ReaderWatch;
  #view: ConversationView;

  constructor(deps: LiveConversationDeps, row: ConversationRow) {
    this.id = row.id;
    this.visitorId = row.visitorId;
    this.#deps = deps;
    this.#view = toConversationView(row);
    this.#watch = new ReaderWatch({
      orphanGraceMs: deps.orphanGraceMs,
      isOrphan: () => this.#listeners.size === 0 && this.#runs.size > 0,
      isFollowing: () => this.#listeners.size > 0 && this.isWrittenElsewhere,
      onOrphaned: () => {
        for (const run of this.#runs.values()) run.stop("absence");
      },
      follow: () => deps.reload(this),
      onFollowFailed: (error) =>
        deps.logger.warn({ err: error, conversationId: this.id }, "cannot follow a conversation"),
    });
  }

  /** A copy: what is being written changes on. */
  view(): ConversationView {
    return { ...this.#view, messages: this.#view.messages.map((message) => ({ ...message })) };
  }

  get isIdle(): boolean {
    return this.#runs.size === 0 && this.#listeners.size === 0;
  }

  /** A running answer without a run here is written by another process, or was lost with one. */
  get isWrittenElsewhere(): boolean {
    return this.#view.messages.some((message) => isRunningAnswer(message) && !this.#runs.has(message.id));
  }

  /** Takes over the rows as they are now and begins to write the answers in `queued`, whose tokens are charged by `charge`. */
  update(row: ConversationRow, queued: readonly string[], charge?: ChargeTokens): void {
    const known = new Map(this.#view.messages.map((message) => [message.id, message]));
    const fresh = toConversationView(row);
    fresh.messages = fresh.messages.map((message) => {
      const old = known.get(message.id);
      // An answer that this process writes, or has just ended, is ahead of the row that was read.
      const isAhead =
        old !== undefined &&
        isRunningAnswer(message) &&
        (this.#runs.has(message.id) || !isRunningAnswer(old));
      return isAhead ? old : message;
    });
    this.#view = fresh;
    this.#emit({ type: "snapshot", conversation: this.view() });
    for (const messageRow of row.messages) {
      if (queued.includes(messageRow.id) && !this.#runs.has(messageRow.id)) this.#start(messageRow, charge);
    }
    this.#watch.update();
  }

  /** Stops what is being written; settles when the end is stored. */
  async stop(by: Stopper = "visitor"): Promise<void> {
    const runs = [...this.#runs.values()];
    for (const run of runs) run.stop(by);
    await Promise.all(runs.map((run) => run.done));
  }

  /** Ends everything at once: the process is going. */
  async close(): Promise<void> {
    await this.stop("server");
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
    listener({ type: "snapshot", conversation: this.view() });
    return () => {
      this.#listeners.delete(listener);
      this.#watch.update();
      if (this.isIdle) this.#deps.onIdle();
    };
  }

  /** Tells every open page that the conversation is gone. */
  announceDeletion(): void {
    this.#emit({ type: "deleted" });
  }

  #start(row: MessageRow, charge: ChargeTokens | undefined): void {
    const view = this.#view.messages.find(
      (message): message is AssistantMessage => message.id === row.id && message.role === "assistant",
    );
    if (view === undefined || row.model === null) throw new Error(`There is no answer ${row.id} to write.`);
    const request = toRequest(row.request);
    // What the operator has set of the model holds where the visitor sets nothing else.
    const parameters = { ...chatParametersSchema.parse(row.model.defaultParameters), ...request.parameters };
    const systemPrompt = request.systemPrompt.trim() === "" ? row.model.systemPrompt : request.systemPrompt;
    const messages = messagesFor({ messages: this.#view.messages, systemPrompt }, row.id);
    const run = runAnswer(this.#deps, {
      id: row.id,
      model: row.model.name,
      messages: () => this.#deps.illustrate(messages),
      maxTokens: maxTokensFor(parameters.maxTokens, this.#deps.maxTokens, row.model.contextLength),
      sampling: toSampling(parameters),
      view,
      charge,
      onWriting: () => this.#emit({ type: "status", messageId: row.id, status: "writing" }),
      onText: (at, text) => this.#emit({ type: "delta", messageId: row.id, at, text }),
      onEnd: (final, isStored) => {
        const { promptTokens, completionTokens, firstTokenMs, totalMs } = final;
        Object.assign(view, { promptTokens, completionTokens, firstTokenMs, totalMs });
        view.isTruncated = isStored && final.finishReason === "length";
        if (view.status === "stopped" && final.stoppedBy !== null) view.stoppedBy = final.stoppedBy;
        const error = isStored ? final.error : null;
        view.failure =
          view.status === "failed"
            ? toFailure(error === null ? null : toSideFailure(error.code), error?.param ?? null)
            : null;
        this.#emit({ type: "done", message: { ...view } });
      },
    });
    this.#runs.set(row.id, run);
    void run.done.then(() => {
      this.#runs.delete(row.id);
      this.#watch.update();
      if (this.isIdle) this.#deps.onIdle();
    });
  }

  #emit(event: ChatEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** `messages.request`, which this server has written itself. */
function toRequest(request: MessageRow["request"]) {
  const { systemPrompt, parameters } = request as { systemPrompt: string; parameters: unknown };
  return { systemPrompt, parameters: chatParametersSchema.parse(parameters) };
}

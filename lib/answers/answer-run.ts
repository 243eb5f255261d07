import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Controller } from "@/lib/controller";
import { AppError, toAppError } from "@/lib/errors";
import type { ChatMessage, FinishReason, SideStatus, StoppedBy, Usage } from "@/lib/protocol";
import { createAnswerText } from "./answer-text";
import type { AnswerSurface } from "./metrics";
import { type SamplingParameters, streamAnswer } from "./stream-answer";

/** Roughly; where nobody has counted. */
const charactersPerToken = 4;
/** Longest pause between two tries to save an end while the database is away. */
const maxSaveRetryMs = 5_000;

export type FinalAnswer = {
  status: "finished" | "stopped" | "failed";
  text: string;
  finishReason: FinishReason | null;
  /** Null unless it has failed. */
  error: AppError | null;
  /** Null unless something else than its visitor has stopped it. */
  stoppedBy: StoppedBy | null;
  workerId: string | null;
  promptTokens: number | null;
  completionTokens: number | null;
  /** What counts against limits: as the worker told, else an estimate, also where the answer was cut off. */
  tokensUsed: number;
  firstTokenMs: number | null;
  totalMs: number;
};

/** Where an answer is kept. Both are guarded by its row's status: see {@link AnswerStore.append}. */
export type AnswerStore = {
  /**
   * Appends a batch of text and renews the lease. False: the row is no longer running (its lease ended and somebody
   * declared it failed), so whoever writes it must stop.
   */
  append(answerId: string, text: string): Promise<boolean>;
  /** Writes the whole text and the end. False as in `append`. */
  finish(answerId: string, final: FinalAnswer): Promise<boolean>;
};

/**
 * Reserves tokens of what all may use of a model together; called with what was used, the result settles it. Null where the model
 * has no limit. Errors: any, which then is why the answer could not start.
 */
export type ReserveTokens = (request: {
  model: string;
  estimatedTokens: number;
}) => ((used: number) => void) | null;

/** Told what one answer has used, see {@link FinalAnswer.tokensUsed}; never 0. Must not throw. */
export type ChargeTokens = (used: number) => void;

export type AnswerRunDeps = {
  controller: Pick<Controller, "dispatch">;
  /** Default: no model has a limit. */
  reserveTokens?: ReserveTokens | undefined;
  store: AnswerStore;
  /** Where its answers are read, and counted. Default: they are not counted. */
  surface?: AnswerSurface | undefined;
  logger: Logger;
  /** Hears of every answer whose end is stored, for whoever looks at it afterwards. Must not throw. */
  onStored?: ((answerId: string, final: FinalAnswer) => void) | undefined;
  /** Aborted when the process must not wait any longer. */
  closing: AbortSignal;
};

export type AnswerJob = {
  /** The id of its row; also the request's id on its way to the worker. */
  id: string;
  model: string;
  /** Made when the answer begins: images come as bytes, and are not held longer than they are needed. */
  messages: () => Promise<readonly ChatMessage[]>;
  maxTokens: number;
  sampling?: SamplingParameters;
  /** The live view of this answer; the run is the only writer of these two. */
  view: { status: SideStatus; text: string };
  /** So many others go first; called again whenever the number changes. */
  onQueued?: (ahead: number) => void;
  /** The first text has come. */
  onWriting: () => void;
  /** A piece was added to the view; `at` is the length (UTF-16 code units) before it. */
  onText: (at: number, text: string) => void;
  /**
   * The end, once it is stored. `isStored` false: the answer is not ours any more, or the process is closing; it counts as
   * failed.
   */
  onEnd: (final: FinalAnswer, isStored: boolean) => void;
  /** Called when a worker has taken the request. */
  onClaimed?: (() => void) | undefined;
  /** Called when the worker has sent its first text, shown or not. */
  onFirstText?: (() => void) | undefined;
  /** The text is shown at most so fast, in UTF-16 code units. Absent: as it comes. Times are measured without it. */
  charsPerSecond?: number | undefined;
  /** Nothing of the answer is shown before this: it settles soon, and never rejects. Absent: shown as it comes. */
  held?: Promise<void> | undefined;
  /**
   * Asked once the end is stored: true when something else takes the answer's place, and nobody is to hear of this end.
   * Absent: every end is told.
   */
  isReplaced?: ((final: FinalAnswer) => Promise<boolean>) | undefined;
  /** Called once, however the answer ends, if it has used any tokens. Absent: they are charged to nobody. */
  charge?: ChargeTokens | undefined;
};

/** Who may end an answer before its end. */
export type Stopper = "visitor" | StoppedBy;

export type AnswerRun = {
  /** Ends the answer where it is; its text stays. Of several stops the first is the reason. */
  stop(by: Stopper): void;
  /** Settles, never rejects, once the end is stored and told. */
  done: Promise<void>;
};

type Measures = {
  startedAt: number;
  firstTokenAt: number | null;
  latestTextAt: number;
  workerId: string | null;
  queueWaitMs: number | null;
  usage: Usage | null;
};

/** Writes one answer of one model: asks the controller, passes text on, saves it in batches, stores the end. */
export function runAnswer(deps: AnswerRunDeps, job: AnswerJob): AnswerRun {
  const abort = new AbortController();
  let stopper: Stopper | null = null;
  return {
    stop(by) {
      stopper ??= by;
      abort.abort();
    },
    done: answer(deps, job, abort, () => stopper),
  };
}

async function answer(
  deps: AnswerRunDeps,
  job: AnswerJob,
  abort: AbortController,
  stoppedBy: () => Stopper | null,
): Promise<void> {
  const measures: Measures = {
    startedAt: performance.now(),
    firstTokenAt: null,
    latestTextAt: 0,
    workerId: null,
    queueWaitMs: null,
    usage: null,
  };
  const metrics = deps.surface?.of(job.model) ?? null;
  const text = createAnswerText(deps, job, abort);
  let finishReason: FinishReason | null = null;
  let failure: unknown = null;
  let promptTokens = 0;
  let settleTokens: ((used: number) => void) | null = null;
  try {
    const messages = await job.messages();
    promptTokens = estimateTokens(messages);
    settleTokens = reserve(deps, job, promptTokens + job.maxTokens);
    const request = { ...job, messages, requestId: job.id, signal: abort.signal };
    for await (const piece of streamAnswer(deps.controller, request)) {
      if (piece.type === "claimed") {
        measures.workerId = piece.workerId;
        measures.queueWaitMs = piece.queueWaitMs;
        job.onClaimed?.();
      } else if (piece.type === "text") {
        const at = performance.now();
        if (measures.firstTokenAt === null) {
          measures.firstTokenAt = at;
          metrics?.firstText((at - measures.startedAt) / 1000);
          job.onFirstText?.();
        } else metrics?.gap((at - measures.latestTextAt) / 1000);
        measures.latestTextAt = at;
        text.push(piece.text);
      } else {
        finishReason = piece.finishReason;
        measures.usage = piece.usage;
      }
    }
  } catch (error) {
    failure = error;
  }
  const endedAt = performance.now();
  if (failure === null) await job.held;
  // A stop that comes while only the showing is left cuts nothing off.
  const isWhole = failure === null && stoppedBy() === null;
  if (isWhole) await text.drain();
  await text.close();
  const stopper = isWhole ? null : stoppedBy();
  const status = isWhole ? "finished" : stopper === null ? "failed" : "stopped";
  const final: FinalAnswer = {
    status,
    text: job.view.text,
    finishReason,
    error: status === "failed" ? toAppError(failure) : null,
    stoppedBy: stopper === "visitor" ? null : stopper,
    workerId: measures.workerId,
    promptTokens: measures.usage?.prompt_tokens ?? null,
    completionTokens: measures.usage?.completion_tokens ?? null,
    tokensUsed: tokensUsed(measures, promptTokens, job.view.text),
    firstTokenMs: measures.firstTokenAt === null ? null : measures.firstTokenAt - measures.startedAt,
    totalMs: endedAt - measures.startedAt,
  };
  settleTokens?.(final.tokensUsed);
  note(deps, job, measures, final);
  if (final.error !== null) deps.logger.warn({ err: final.error, answerId: job.id }, "an answer failed");
  const isStored = await store(deps, job, final);
  // Not before: while the end waits for the database, a charge could not be kept either.
  if (final.tokensUsed > 0) job.charge?.(final.tokensUsed);
  if (isStored && (await job.isReplaced?.(final))) return;
  if (isStored) deps.onStored?.(job.id, final);
  job.view.status = isStored ? final.status : "failed";
  job.onEnd(final, isStored);
}

/** One log line for each answer, and its metrics; never a word of it. */
function note(
  { surface, logger }: AnswerRunDeps,
  { id: answerId, model }: AnswerJob,
  { queueWaitMs }: Measures,
  { status, error, workerId, firstTokenMs, totalMs, promptTokens, completionTokens }: FinalAnswer,
): void {
  const outcome = error?.code ?? status;
  surface?.of(model).end(outcome, totalMs / 1000, promptTokens ?? 0, completionTokens ?? 0);
  const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms * 100) / 100);
  logger.info(
    {
      ...{ answerId, surface: surface?.name ?? null, model, workerId },
      ...{ queueWaitMs: rounded(queueWaitMs), firstTextMs: rounded(firstTokenMs), totalMs: rounded(totalMs) },
      ...{ promptTokens, completionTokens, outcome },
    },
    "answer",
  );
}

/** A model at its limit is as busy as one whose workers are. */
function reserve({ reserveTokens }: AnswerRunDeps, { model }: AnswerJob, estimatedTokens: number) {
  try {
    return reserveTokens?.({ model, estimatedTokens }) ?? null;
  } catch (cause) {
    const { details } = toAppError(cause);
    throw new AppError("no_worker_available", { cause, details });
  }
}

/** What a worker has told; without that a token for four characters; nothing where none has begun. */
function tokensUsed({ usage, workerId }: Measures, promptTokens: number, text: string): number {
  if (usage !== null) return usage.prompt_tokens + usage.completion_tokens;
  return workerId === null ? 0 : promptTokens + Math.ceil(text.length / charactersPerToken);
}

/** Of a prompt's text, roughly; an image's tokens are known to its model alone. */
function estimateTokens(messages: readonly ChatMessage[]): number {
  const texts = messages.flatMap(({ content }) =>
    typeof content === "string"
      ? [content]
      : (content ?? []).map((part) => (part.type === "text" ? (part.text ?? "") : "")),
  );
  return Math.ceil(texts.reduce((sum, { length }) => sum + length, 0) / charactersPerToken);
}

/** Stores the end, waiting for the database as long as the process may live. */
async function store(deps: AnswerRunDeps, job: AnswerJob, final: FinalAnswer): Promise<boolean> {
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, maxSaveRetryMs)) {
    try {
      return await deps.store.finish(job.id, final);
    } catch (error) {
      deps.logger.error({ err: error, answerId: job.id }, "the end of an answer is not saved yet");
      if (deps.closing.aborted) return false;
      try {
        await delay(pauseMs, undefined, { signal: deps.closing });
      } catch {
        return false; // Closing: the lease runs out and the answer counts as interrupted.
      }
    }
  }
}

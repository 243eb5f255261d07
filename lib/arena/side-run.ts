import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import { toAppError } from "@/lib/errors";
import type { BattleEvent, ChatMessage, FinishReason, ResponseView, Side, Usage } from "@/lib/protocol";
import { toSideFailure } from "./dto";
import { appendText, type FinalResponse, finishResponse } from "./response-store";
import { streamAnswer } from "./stream-answer";

/** Text is saved this often while it arrives: what a crash of the server can lose at most. */
const saveIntervalMs = 400;
/** The lease of an answer that brings no text is renewed this often; well below the lease itself. */
const renewIntervalMs = 5_000;
/** Text is sent on this often: smooth to the eye, and the engine's own rhythm of tokens does not show through. */
const emitIntervalMs = 30;
/** Longest pause between two tries to save an end while the database is away. */
const maxSaveRetryMs = 5_000;

export type SideRunDeps = {
  db: Database;
  controller: Controller;
  logger: Logger;
  /** Aborted when the process must not wait any longer. */
  closing: AbortSignal;
};

export type SideJob = {
  responseId: string;
  turnId: string;
  side: Side;
  model: string;
  messages: readonly ChatMessage[];
  maxTokens: number;
  /** The live view of this response; the run is its only writer. */
  view: ResponseView;
  emit: (event: BattleEvent) => void;
  /**
   * Called when the answer could not start, once that is stored: true when the battle goes on with other models, and
   * nobody is to hear of this one. Absent: every failure is shown.
   */
  replace?: (() => Promise<boolean>) | undefined;
  /** Called when a worker has taken the request. */
  onClaimed?: (() => void) | undefined;
  /** Nothing of the answer is shown before this: it settles soon, and never rejects. Absent: shown as it comes. */
  held?: Promise<void> | undefined;
};

export type SideRun = {
  /** Ends the answer where it is; its text stays and the visitor may vote. */
  stop(): void;
  /** Settles, never rejects, once the end is stored and sent. */
  done: Promise<void>;
};

type Measures = {
  startedAt: number;
  firstTokenAt: number | null;
  workerId: string | null;
  usage: Usage | null;
};

/** Answers one side of one turn: asks the controller, passes text on, saves it in batches, stores the end. */
export function runSide(deps: SideRunDeps, job: SideJob): SideRun {
  const abort = new AbortController();
  let wasStopped = false;
  return {
    stop() {
      wasStopped = true;
      abort.abort();
    },
    done: answer(deps, job, abort, () => wasStopped),
  };
}

async function answer(
  deps: SideRunDeps,
  job: SideJob,
  abort: AbortController,
  wasStopped: () => boolean,
): Promise<void> {
  const measures: Measures = {
    startedAt: performance.now(),
    firstTokenAt: null,
    workerId: null,
    usage: null,
  };
  const text = textBuffers(deps, job, abort);
  let finishReason: FinishReason | null = null;
  let failure: unknown = null;
  try {
    const request = { ...job, requestId: job.responseId, signal: abort.signal };
    for await (const piece of streamAnswer(deps.controller, request)) {
      if (piece.type === "claimed") {
        measures.workerId = piece.workerId;
        job.onClaimed?.();
      } else if (piece.type === "text") {
        measures.firstTokenAt ??= performance.now();
        text.push(piece.text);
      } else {
        finishReason = piece.finishReason;
        measures.usage = piece.usage;
      }
    }
  } catch (error) {
    failure = error;
  }
  if (failure === null) await job.held;
  await text.close();
  const final = finalResponse(
    job,
    measures,
    finishReason,
    wasStopped() ? "stopped" : failure === null ? "finished" : "failed",
  );
  if (final.status === "failed") {
    const error = toAppError(failure);
    final.errorCode = toSideFailure(error.code);
    deps.logger.warn({ err: error, responseId: job.responseId, side: job.side }, "a side failed");
  }
  const isStored = await store(deps, job, final);
  const couldNotStart = final.errorCode === "no_worker" || final.errorCode === "interrupted";
  if (isStored && couldNotStart && final.text === "" && (await job.replace?.())) return;
  job.view.status = isStored ? final.status : "failed";
  job.view.isTruncated = isStored && final.finishReason === "length";
  job.view.failure = job.view.status === "failed" ? toSideFailureOrInterrupted(final.errorCode) : null;
  const type = job.view.status === "failed" ? "failed" : "done";
  job.emit({ type, turnId: job.turnId, side: job.side, response: { ...job.view } });
}

function toSideFailureOrInterrupted(code: string | null): NonNullable<ResponseView["failure"]> {
  return code === "no_worker" || code === "prompt_too_long" || code === "refused" ? code : "interrupted";
}

/** Gathers text twice: shortly for the readers, longer for the database. */
function textBuffers(deps: SideRunDeps, job: SideJob, abort: AbortController) {
  let unsent = "";
  let unsaved = "";
  let sendTimer: NodeJS.Timeout | null = null;
  let saving: Promise<void> | null = null;
  let savedAt = performance.now();
  let isHeld = job.held !== undefined;

  const show = () => {
    if (job.view.status === "queued") {
      job.view.status = "writing";
      job.emit({ type: "status", turnId: job.turnId, side: job.side, status: "writing" });
    }
    sendTimer ??= setTimeout(send, emitIntervalMs);
  };
  void job.held?.then(() => {
    isHeld = false;
    if (unsent !== "") show();
  });

  const send = () => {
    sendTimer = null;
    const piece = unsent;
    unsent = "";
    if (piece === "") return;
    const at = job.view.text.length;
    job.view.text += piece;
    job.emit({ type: "delta", turnId: job.turnId, side: job.side, at, text: piece });
  };

  const save = async () => {
    const piece = unsaved;
    unsaved = "";
    try {
      // An empty piece renews the lease of an answer that waits or thinks.
      savedAt = performance.now();
      if (!(await appendText(deps.db, job.responseId, piece))) abort.abort();
    } catch (error) {
      // The database is away: keep the piece for the next batch. Nothing is lost while this process lives.
      unsaved = piece + unsaved;
      deps.logger.warn({ err: error, responseId: job.responseId }, "text is not saved yet");
    } finally {
      saving = null;
    }
  };
  const saveTimer = setInterval(() => {
    if (unsaved === "" && performance.now() - savedAt < renewIntervalMs) return;
    saving ??= save();
  }, saveIntervalMs);

  return {
    push(piece: string) {
      unsent += piece;
      unsaved += piece;
      if (!isHeld) show();
    },
    /** Sends what is left and waits for a batch that is on its way; the whole text is stored with the end. */
    async close() {
      clearInterval(saveTimer);
      if (sendTimer !== null) clearTimeout(sendTimer);
      send();
      await saving;
    },
  };
}

function finalResponse(
  job: SideJob,
  measures: Measures,
  finishReason: FinishReason | null,
  status: FinalResponse["status"],
): FinalResponse {
  return {
    status,
    text: job.view.text,
    finishReason,
    errorCode: null,
    workerId: measures.workerId,
    promptTokens: measures.usage?.prompt_tokens ?? null,
    completionTokens: measures.usage?.completion_tokens ?? null,
    firstTokenMs: measures.firstTokenAt === null ? null : measures.firstTokenAt - measures.startedAt,
    totalMs: performance.now() - measures.startedAt,
  };
}

/**
 * Stores the end, waiting for the database as long as the process may live: voting opens only on what is stored.
 * False: the answer is not ours any more, or the process is closing; readers are told that it failed.
 */
async function store(deps: SideRunDeps, job: SideJob, final: FinalResponse): Promise<boolean> {
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, maxSaveRetryMs)) {
    try {
      return await finishResponse(deps.db, job.responseId, final);
    } catch (error) {
      deps.logger.error({ err: error, responseId: job.responseId }, "the end of an answer is not saved yet");
      if (deps.closing.aborted) return false;
      try {
        await delay(pauseMs, undefined, { signal: deps.closing });
      } catch {
        return false; // Closing: the lease runs out and the answer counts as interrupted.
      }
    }
  }
}

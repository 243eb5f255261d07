import {
  type AnswerRun,
  type AnswerRunDeps,
  type ChargeTokens,
  runAnswer,
  type toSampling,
  toSideFailure,
} from "@/lib/answers";
import type { BattleEvent, ChatMessage, ResponseView, Side } from "@/lib/protocol";

export type SideJob = {
  responseId: string;
  turnId: string;
  side: Side;
  model: string;
  messages: () => Promise<readonly ChatMessage[]>;
  maxTokens: number;
  /** Of the model, where the operator has set any. */
  sampling: ReturnType<typeof toSampling>;
  /** The live view of this response; the run is its only writer. */
  view: ResponseView;
  emit: (event: BattleEvent) => void;
  /**
   * Called when the answer could not start, once that is stored: true when the battle goes on with other models, and
   * nobody is to hear of this one. Absent: every failure is shown.
   */
  replace?: (() => Promise<boolean>) | undefined;
  /** Called when the request waits in line. */
  onQueued?: (() => void) | undefined;
  /** Called when a worker has taken the request. */
  onClaimed?: (() => void) | undefined;
  /** Called when the worker has sent its first text. */
  onFirstText?: (() => void) | undefined;
  /** The text is shown at most so fast. Absent: as it comes. */
  charsPerSecond?: number | undefined;
  /** Nothing of the answer is shown before this: it settles soon, and never rejects. Absent: shown as it comes. */
  held?: Promise<void> | undefined;
  /** Whom its tokens are charged to. Absent: nobody. */
  charge?: ChargeTokens | undefined;
};

/** Answers one side of one turn and tells its readers, in words that are the same for every model. */
export function runSide(deps: AnswerRunDeps, job: SideJob): AnswerRun {
  const { responseId, turnId, side, model, messages, maxTokens, sampling, view, emit } = job;
  return runAnswer(deps, {
    id: responseId,
    model,
    messages,
    maxTokens,
    sampling,
    view,
    onQueued: (ahead) => {
      job.onQueued?.();
      // News of the line may come late: a side that writes waits no longer.
      if (view.status !== "queued") return;
      view.ahead = ahead;
      emit({ type: "queued", turnId, side, ahead });
    },
    onWriting: () => {
      delete view.ahead;
      emit({ type: "status", turnId, side, status: "writing" });
    },
    onText: (at, text) => emit({ type: "delta", turnId, side, at, text }),
    onClaimed: job.onClaimed,
    onFirstText: job.onFirstText,
    charsPerSecond: job.charsPerSecond,
    held: job.held,
    charge: job.charge,
    isReplaced: async ({ error, text }) => {
      const failure = error === null ? null : toSideFailure(error.code);
      const couldNotStart = text === "" && (failure === "no_worker" || failure === "interrupted");
      return couldNotStart && (await job.replace?.()) === true;
    },
    onEnd: (final, isStored) => {
      delete view.ahead;
      view.isTruncated = isStored && final.finishReason === "length";
      const code = isStored ? final.error?.code : "upstream_failed";
      view.failure = view.status === "failed" ? toSideFailure(code ?? "upstream_failed") : null;
      if (view.status === "stopped" && final.stoppedBy !== null) view.stoppedBy = final.stoppedBy;
      const type = view.status === "failed" ? "failed" : "done";
      emit({ type, turnId, side, response: { ...view } });
    },
  });
}

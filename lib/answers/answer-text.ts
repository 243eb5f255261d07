import type { AnswerJob, AnswerRunDeps } from "./answer-run";
import { onSaveTick } from "./save-ticks";
import { createPacer, createPassage } from "./text-pacer";

/** The lease of an answer that brings no text is renewed this often; well below the lease itself. */
const renewIntervalMs = 5_000;
/** Text is sent on this often: smooth to the eye, and the engine's own rhythm of tokens does not show through. */
const emitIntervalMs = 30;

/** All answers send at the same times, so that the two of a battle reach its reader in one write, and many readers in one turn. */
const untilNextEmit = (): number => emitIntervalMs - (performance.now() % emitIntervalMs);

/**
 * The text between worker, readers and database. What is saved is what was shown: whoever reads the row in another process
 * learns nothing of the model's own speed.
 */
export function createAnswerText(deps: AnswerRunDeps, job: AnswerJob, abort: AbortController) {
  const source = job.charsPerSecond === undefined ? createPassage() : createPacer(job.charsPerSecond);
  let unsaved = "";
  let sendTimer: NodeJS.Timeout | null = null;
  let saving: Promise<void> | null = null;
  let savedAt = performance.now();
  let isHeld = job.held !== undefined;
  let drained: () => void = () => undefined;

  const show = () => {
    if (job.view.status === "queued") {
      job.view.status = "writing";
      job.onWriting();
    }
    sendTimer ??= setTimeout(tick, untilNextEmit());
  };
  void job.held?.then(() => {
    isHeld = false;
    if (!source.isEmpty) show();
  });

  const tick = () => {
    sendTimer = null;
    send(source.take(performance.now()));
    if (source.isEmpty) drained();
    else show();
  };

  const send = (piece: string) => {
    if (piece === "") return;
    const at = job.view.text.length;
    job.view.text += piece;
    unsaved += piece;
    job.onText(at, piece);
  };

  const save = async () => {
    const piece = unsaved;
    unsaved = "";
    try {
      // An empty piece renews the lease of an answer that waits or thinks.
      savedAt = performance.now();
      if (!(await deps.store.append(job.id, piece))) abort.abort();
    } catch (error) {
      // The database is away: keep the piece for the next batch. Nothing is lost while this process lives.
      unsaved = piece + unsaved;
      deps.logger.warn({ err: error, answerId: job.id }, "text is not saved yet");
    } finally {
      saving = null;
    }
  };
  const endSaving = onSaveTick(() => {
    if (unsaved === "" && performance.now() - savedAt < renewIntervalMs) return;
    saving ??= save();
  });

  return {
    push(piece: string) {
      source.push(piece, performance.now());
      if (!isHeld) show();
    },
    /** The whole text is here: settles when it was shown at its pace, or when the answer is stopped. */
    async drain(): Promise<void> {
      source.end(performance.now());
      if (source.isEmpty || abort.signal.aborted || job.charsPerSecond === undefined) return;
      await new Promise<void>((resolve) => {
        drained = resolve;
        abort.signal.addEventListener("abort", () => resolve(), { once: true });
      });
    },
    /** Sends what is left at once and waits for a batch that is on its way; the whole text is stored with the end. */
    async close(): Promise<void> {
      endSaving();
      if (sendTimer !== null) clearTimeout(sendTimer);
      send(source.flush());
      await saving;
    },
  };
}

/** One request of a load. */
export type Task = {
  /** What the user says. */
  prompt: string;
  /** Tokens of the answer, exactly: no contestant may end its turn before. */
  tokens: number;
};

export type Answer = {
  tokens: number;
  promptTokens: number;
  /** Milliseconds on `performance.now()`'s clock. */
  startedAt: number;
  /** When each piece of text came; with a few exceptions a piece is a token. */
  pieces: number[];
  endedAt: number;
};

/** One way to serve the model. All contestants of a run serve the same file with the same threads and slots. */
export type Contestant = {
  name: string;
  answer(task: Task): Promise<Answer>;
  /** Milliseconds of processor time that the contestant's process has used; null: not known. */
  processorMs(): number | null;
  /** Sums over decode steps of the slots that took part and of those that had work. */
  stepStats?(): { slotSteps: number; activeSlotSteps: number };
  dispose(): Promise<void>;
};

export type ContestantOptions = {
  model: string;
  slots: number;
  /** Tokens that prompt and answer of one slot may have together. */
  contextLength: number;
  /** Null: chosen by the contestant's own rules. */
  threads: number | null;
  gpu: boolean;
};

export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Messages to the process that started this one with an IPC channel. */
export type WorkerMessage =
  | { type: "ready"; models: string[]; url: string }
  | { type: "failed"; message: string }
  /** Of `gpus`, in the order of their numbers. */
  | { type: "gpus"; names: string[] };

/** Tells the parent, when there is one; resolves when the message is on its way, so that an exit does not lose it. */
export function tell(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    // A parent that has gone in this moment is noticed by `disconnect`.
    if (process.send === undefined) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

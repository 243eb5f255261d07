import type { Challenge } from "@/lib/protocol";

const listeners = new Set<() => void>();
let running = 0;

/** Whether a challenge is being solved, for the page's status line. */
export const challengeStatus = {
  isSolving: (): boolean => running > 0,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

function change(by: 1 | -1): void {
  running += by;
  for (const listener of listeners) listener();
}

/** Solves it in a thread of its own. The value of the header `x-arena-challenge`. Rejects when aborted. */
export async function solveChallenge(
  { challenge, bits, expiresAt }: Challenge,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./challenge-worker.ts", import.meta.url), { type: "module" });
  change(1);
  try {
    const answer = await new Promise<number>((resolve, reject) => {
      worker.addEventListener("message", ({ data }: MessageEvent<number>) => resolve(data));
      worker.addEventListener("error", () => reject(new Error("The challenge could not be solved.")));
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      worker.postMessage({ challenge, bits, expiresAt } satisfies Challenge);
    });
    return `${challenge}:${answer}`;
  } finally {
    change(-1);
    worker.terminate();
  }
}

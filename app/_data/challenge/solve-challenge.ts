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

/** The server takes a solution for two minutes; by then it has to be there. */
const solvingMs = 110_000;

/**
 * Solves it in a thread of its own. The value of the header `x-arena-challenge`. Rejects when aborted, where threads cannot run,
 * and after {@link solvingMs}.
 */
export async function solveChallenge(
  { challenge, bits, expiresAt }: Challenge,
  signal?: AbortSignal,
): Promise<string> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL("./challenge-worker.ts", import.meta.url), { type: "module" });
  const limit = AbortSignal.timeout(solvingMs);
  change(1);
  try {
    const answer = await new Promise<number>((resolve, reject) => {
      worker.addEventListener("message", ({ data }: MessageEvent<number>) => resolve(data));
      worker.addEventListener("error", () => reject(new Error("The challenge could not be solved.")));
      for (const end of [limit, ...(signal === undefined ? [] : [signal])])
        end.addEventListener("abort", () => reject(end.reason), { once: true });
      worker.postMessage({ challenge, bits, expiresAt } satisfies Challenge);
    });
    return `${challenge}:${answer}`;
  } finally {
    change(-1);
    worker.terminate();
  }
}

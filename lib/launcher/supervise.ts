import { setTimeout as delay } from "node:timers/promises";
import { type Crashes, nextBackoff } from "./backoff";
import { type ChildSpec, type ManagedChild, spawnManaged } from "./managed-child";

export type Supervised = {
  /** The first start. Rejects with one sentence; there is no second start then. */
  ready: Promise<string>;
  /** SIGTERM, then SIGKILL after `graceMs`. Resolves when it has gone. */
  stop: (graceMs: number) => Promise<void>;
  /** Ends it at once; `stop` then resolves. */
  kill: () => void;
};

/** EX_TEMPFAIL: a worker that the operator has told to restart. It served until then, so nothing is waited for. */
const orderedRestart = "exit code 75";

/** Keeps a child running: once it has served, it is started again whenever it ends, after a growing wait. */
export function supervise(spec: ChildSpec, report: (line: string) => void): Supervised {
  const stopping = new AbortController();
  let child = spawnManaged(spec);

  const watch = async (): Promise<void> => {
    let crashes: Crashes = { count: 0 };
    for (;;) {
      const startedAt = performance.now();
      const how = await child.exited;
      if (stopping.signal.aborted) return;
      if (how === orderedRestart) {
        report(`${spec.title} starts again, as it was told.`);
      } else {
        const next = nextBackoff(crashes, performance.now() - startedAt);
        crashes = next.crashes;
        report(
          `${spec.title} ended unexpectedly (${how}); it starts again in ${next.waitMs / 1000} s. More in ${spec.logFile}.`,
        );
        if (!(await waited(next.waitMs, stopping.signal))) return;
      }
      child = spawnManaged(spec);
      await reportReturn(child, spec, report);
    }
  };

  let watching: Promise<unknown> = child.exited;
  const ready = child.ready.then((url) => {
    watching = watch();
    return url;
  });

  return {
    ready,
    stop: async (graceMs) => {
      stopping.abort();
      child.terminate();
      const limit = setTimeout(() => {
        report(`${spec.title} did not end within ${graceMs / 1000} s and is killed.`);
        child.kill();
      }, graceMs);
      await watching;
      await child.exited;
      clearTimeout(limit);
    },
    kill: () => child.kill(),
  };
}

async function reportReturn(
  child: ManagedChild,
  spec: ChildSpec,
  report: (line: string) => void,
): Promise<void> {
  try {
    await child.ready;
    report(`${spec.title} is back.`);
  } catch (error) {
    // Its end is noticed by the loop, which tries again.
    report(error instanceof Error ? error.message : String(error));
  }
}

async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

import type { BrowserContext, Page } from "@playwright/test";

/** What the page has noted of itself since the last `restart`, in milliseconds. */
export type Notes = {
  /** From the start of the navigation; null before anything was painted. */
  largestPaintMs: number | null;
  /** Sum of all layout shifts, also of those just after an input, which the usual score leaves out. */
  layoutShift: number;
  /** Durations of tasks of 50 ms and more. */
  longTasksMs: number[];
  /** Times between one animation frame and the next. */
  framesMs: number[];
};

type ProbedWindow = typeof window & { arenaProbe: { notes: Notes; restart(): void } };

/** Every page of the context takes notes from its first moment. */
export async function installProbe(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const empty = (): Notes => ({ largestPaintMs: null, layoutShift: 0, longTasksMs: [], framesMs: [] });
    const probe = {
      notes: empty(),
      restart() {
        probe.notes = empty();
      },
    };
    const watch = (type: string, take: (entry: PerformanceEntry) => void) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
    watch("largest-contentful-paint", (entry) => {
      probe.notes.largestPaintMs = entry.startTime;
    });
    watch("layout-shift", (entry) => {
      probe.notes.layoutShift += (entry as PerformanceEntry & { value: number }).value;
    });
    watch("longtask", (entry) => probe.notes.longTasksMs.push(entry.duration));
    let before: number | null = null;
    const onFrame = (now: number) => {
      if (before !== null) probe.notes.framesMs.push(now - before);
      before = now;
      requestAnimationFrame(onFrame);
    };
    requestAnimationFrame(onFrame);
    (window as ProbedWindow).arenaProbe = probe;
  });
}

export function restartProbe(page: Page): Promise<void> {
  return page.evaluate(() => (window as ProbedWindow).arenaProbe.restart());
}

export function readProbe(page: Page): Promise<Notes> {
  return page.evaluate(() => (window as ProbedWindow).arenaProbe.notes);
}

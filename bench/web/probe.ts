import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "@playwright/test";

/** What the page has noted of itself since the last `restart`, in milliseconds. */
export type Notes = {
  /** From the start of the navigation; null before anything was painted. */
  largestPaintMs: number | null;
  /** Sum of all layout shifts outside of the answers, also of those just after an input, which the usual score leaves out. */
  layoutShift: number;
  /** Durations of tasks of 50 ms and more. */
  longTasksMs: number[];
  /** Times between one animation frame and the next. */
  framesMs: number[];
};

type ProbedWindow = typeof window & { arenaProbe: { notes: Notes; restart(): void } };

/** Every page of the context takes notes from its first moment. */
export async function installProbe(context: BrowserContext): Promise<void> {
  await context.addInitScript({ path: fileURLToPath(new URL("page-probe.mjs", import.meta.url)) });
}

export function restartProbe(page: Page): Promise<void> {
  return page.evaluate(() => (window as ProbedWindow).arenaProbe.restart());
}

export function readProbe(page: Page): Promise<Notes> {
  return page.evaluate(() => (window as ProbedWindow).arenaProbe.notes);
}

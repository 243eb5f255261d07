import { writeFile } from "node:fs/promises";
import type { Browser } from "@playwright/test";
import { BattlePage } from "@/e2e/fixtures/battle-page";
import { installProbe, type Notes, readProbe, restartProbe } from "./probe";

export type StreamFigures = {
  /** Layout shift from the first prompt on, over the first seconds of both streams. */
  shiftAtStart: number;
  /** From the first text of both sides to the last. */
  streaming: Notes;
  seconds: number;
  /** CPU time of the page's main thread meanwhile, whatever else the machine did. */
  mainThreadSeconds: number;
};

/** The layout is watched for so long after the first text: the measure is a stretch of time, and nothing is waited for. */
const startWindowMs = 2_000;

/**
 * One battle in which two models write code, formulas and tables at the same time.
 *
 * @param profile where a CPU profile of the page goes; null: none, which is the undisturbed figure
 */
export async function measureStreams(
  browser: Browser,
  url: string,
  profile: string | null,
): Promise<StreamFigures> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-US" });
  try {
    await installProbe(context);
    const page = await context.newPage();
    const arena = new BattlePage(page);
    await page.goto(url, { waitUntil: "networkidle" });
    await arena.composer.fill("Why does quicksort take O(n log n) on average?");
    // The visitor who types gives the page time to fetch what a battle needs.
    await page.waitForLoadState("networkidle");
    await restartProbe(page);
    await arena.composer.press("Enter");
    for (const side of ["A", "B"] as const) await arena.answer(side).getByText("Part 1").waitFor();
    // Not for something to happen: this is the stretch in which shifts are counted.
    await page.waitForTimeout(startWindowMs);
    const { layoutShift: shiftAtStart } = await readProbe(page);
    const cdp = await context.newCDPSession(page);
    if (profile !== null) {
      await cdp.send("Profiler.enable");
      await cdp.send("Profiler.start");
    }
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    const taskSeconds = async () => {
      const { metrics } = await cdp.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
    };
    const tasksBefore = await taskSeconds();
    await restartProbe(page);
    const begunAt = performance.now();
    // Noticed by the page itself: to look for it from outside again and again costs the main thread time.
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          new MutationObserver((_, observer) => {
            if (document.querySelector('button[aria-keyshortcuts="1"]:not([aria-disabled="true"])') === null)
              return;
            observer.disconnect();
            resolve();
          }).observe(document.body, { subtree: true, attributeFilter: ["aria-disabled"] });
        }),
    );
    const seconds = (performance.now() - begunAt) / 1000;
    const streaming = await readProbe(page);
    const mainThreadSeconds = (await taskSeconds()) - tasksBefore;
    if (profile !== null) {
      const taken = await cdp.send("Profiler.stop");
      await writeFile(profile, JSON.stringify(taken.profile));
    }
    return { shiftAtStart, streaming, seconds, mainThreadSeconds };
  } finally {
    await context.close();
  }
}

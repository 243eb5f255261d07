import { gzipSync } from "node:zlib";
import type { Browser } from "@playwright/test";
import { installProbe, readProbe } from "./probe";

export type LoadFigures = {
  /** Compressed bytes of all scripts that the page asked for until it was quiet. */
  scriptBytes: number;
  scripts: number;
  largestPaintMs: number;
  /** Compressed bytes of the page itself. */
  documentBytes: number;
};

/** The first visit of `/`: nothing cached, nothing touched. */
export async function measureLoad(browser: Browser, url: string): Promise<LoadFigures> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-US" });
  try {
    await installProbe(context);
    const page = await context.newPage();
    const bodies: Promise<Buffer>[] = [];
    page.on("response", (response) => {
      if (response.request().resourceType() === "script" && response.ok()) bodies.push(response.body());
    });
    const answer = await page.goto(url, { waitUntil: "networkidle" });
    if (answer === null) throw new Error("The page did not answer.");
    const html = await answer.body();
    const scripts = await Promise.all(bodies);
    const { largestPaintMs } = await readProbe(page);
    if (largestPaintMs === null) throw new Error("The page painted nothing.");
    // Compressed here, with gzip's default, so that the figure does not depend on who serves the page.
    const scriptBytes = scripts.reduce((sum, script) => sum + gzipSync(script).length, 0);
    return { scriptBytes, scripts: scripts.length, largestPaintMs, documentBytes: gzipSync(html).length };
  } finally {
    await context.close();
  }
}

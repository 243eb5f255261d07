import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "@playwright/test";
import { z } from "zod";
import { BattlePage } from "@/e2e/fixtures/battle-page";
import { type LaunchedSite, launchSite } from "@/e2e/fixtures/process-tree";
import { findChromium } from "@/e2e/run/find-chromium";
import { loadLine, machineLine } from "../machine";
import { figure, markdownTable } from "../stats";
import { memoryOf } from "./memory";

/** `npm run bench -- start`: what the two commands of the README cost, from an empty data folder to a stop. */

const usage = `Usage: npm run bench -- start [options]

\`npm start\` on an empty data folder: how long until the site is ready, until the first token of a first battle in a real browser,
until it has stopped, and until it is ready again; the memory of each process just after a start. In a clone whose pages were never
built the first start builds them, as a visitor of the README has it.

  --port N         where the site listens meanwhile (43122)
`;

const { values } = parseArgs({
  options: { port: { type: "string" }, help: { type: "boolean", short: "h" } },
});
const print = (text: string): void => void process.stdout.write(`${text}\n`);

if (values.help === true) {
  process.stdout.write(usage);
} else {
  const port = z.coerce.number().int().min(1024).max(65_535).default(43_122).parse(values.port);
  print(`${machineLine()}\n`);
  const folder = await mkdtemp(join(tmpdir(), "arena-bench-start-"));
  const env = { HOST: "127.0.0.1", PORT: String(port), ARENA_DATA_DIR: folder, ARENA_LOG_LEVEL: "warn" };
  const { executablePath, args } = await findChromium();
  const browser = await chromium.launch({ executablePath, args });
  let site: LaunchedSite | null = null;
  try {
    const first = await timed(() => launchSite(env));
    site = first.result;
    const memory = memoryOf(site.pids());
    const firstToken = await firstTokenMs(browser, `http://127.0.0.1:${port}`);
    const stop = await timed(site.stop);
    site = null;
    const second = await timed(() => launchSite(env));
    site = second.result;
    const rows = [
      ["first start, until the site is ready", `${figure(first.ms / 1_000)} s`],
      ["Enter to the first token in the browser", `${figure(firstToken / 1_000)} s`],
      ["stop", `${figure(stop.ms / 1_000)} s`],
      ["every later start", `${figure(second.ms / 1_000)} s`],
    ];
    print(markdownTable(["measurement", "figure"], rows));
    const memoryRows = memory.map(({ name, processes, residentMib, ownMib }) => [
      ...[name, String(processes), figure(residentMib), figure(ownMib)],
    ]);
    const head = ["just after a start", "processes", "resident, MiB", "shared pages divided, MiB"];
    print(`\n${markdownTable(head, memoryRows)}\n\n${loadLine()}`);
  } finally {
    await browser.close();
    await site?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed<T>(act: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const begunAt = performance.now();
  return { result: await act(), ms: performance.now() - begunAt };
}

/** Of a first battle, from the key to the first text of either side. */
async function firstTokenMs(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-US" });
  try {
    const page = await context.newPage();
    const arena = new BattlePage(page);
    await page.goto(url, { waitUntil: "networkidle" });
    await arena.composer.fill("What is 54 + 3?");
    const { ms } = await timed(async () => {
      await arena.composer.press("Enter");
      await page.locator("[role=log] article p", { hasText: /\S/ }).first().waitFor();
    });
    return ms;
  } finally {
    await context.close();
  }
}

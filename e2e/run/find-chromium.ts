import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "@playwright/test";
import { childEnv, readTestEnv } from "@/lib/env";
import { unpackChromium } from "./unpack-chromium";

const run = promisify(execFile);

export type Chromium = {
  executablePath: string;
  /** What this browser needs besides what Playwright gives every one. */
  args: string[];
};

const commands = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const applications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * The browser of the tests: ARENA_TEST_CHROMIUM; else an installed Chromium or Chrome; else Playwright's own download; else the one in the
 * npm package @sparticuz/chromium, so that a machine that reaches only npm has one too.
 * @throws when ARENA_TEST_CHROMIUM does not run, or when there is none at all.
 */
export async function findChromium(): Promise<Chromium> {
  const given = readTestEnv().ARENA_TEST_CHROMIUM;
  if (given !== undefined) {
    if (await runs(given)) return { executablePath: given, args: [] };
    throw new Error(`ARENA_TEST_CHROMIUM is ${given}, which does not run as a Chromium.`);
  }
  for (const candidate of [...onPath(), ...applications, chromium.executablePath()]) {
    if (await runs(candidate)) return { executablePath: candidate, args: [] };
  }
  const executablePath = await unpackChromium();
  // The package's own arguments (one process for all, no web security) are for functions in the cloud; without them it works like the others.
  if (await runs(executablePath)) return { executablePath, args: [] };
  throw new Error("No Chromium runs here. Install one, or name one in ARENA_TEST_CHROMIUM.");
}

function onPath(): string[] {
  const folders = (childEnv({})["PATH"] ?? "").split(delimiter).filter((folder) => folder.length > 0);
  return commands.flatMap((command) => folders.map((folder) => join(folder, command)));
}

/** There is a file, and it starts: a distribution's file of that name may only advise to install something. */
async function runs(path: string): Promise<boolean> {
  try {
    await access(path);
    await run(path, ["--version"], { timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

import { join, resolve } from "node:path";
import { readLauncherEnv } from "@/lib/env";
import { buildPages } from "./build-pages";
import { generateClient } from "./generate-client";

// The command behind `npm run build`: what `npm start` would do first, so that it then starts at once.

const report = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
try {
  await generateClient();
  const logFile = join(resolve(readLauncherEnv().ARENA_DATA_DIR), "logs", "build.log");
  report((await buildPages({ logFile, report })) ? "Built the pages." : "The pages are up to date.");
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

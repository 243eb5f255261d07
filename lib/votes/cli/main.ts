import { readLauncherEnv } from "@/lib/env";
import { AppError, isAppError } from "@/lib/errors";
import { runVotes } from "./run-votes";

// `npm run votes -- <command>`.

const abort = new AbortController();
process.once("SIGINT", () => abort.abort());

async function main(): Promise<number> {
  try {
    return await runVotes(process.argv.slice(2), {
      findDatabase,
      print: (text) => process.stdout.write(text),
      complain: (text) => process.stderr.write(text),
      signal: abort.signal,
    });
  } catch (error) {
    const known = isAppError(error) ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${abort.signal.aborted ? "Interrupted; nothing was changed." : known}\n`);
    return 1;
  }
}

async function findDatabase(): Promise<string> {
  const url = readLauncherEnv().DATABASE_URL;
  if (url !== undefined) return url;
  throw new AppError("database_unavailable", { message: "Set DATABASE_URL to the site's database." });
}

// Not process.exit: a pipe may still be taking what was printed.
process.exitCode = await main();

import { readLauncherEnv } from "@/lib/env";
import { isAppError } from "@/lib/errors";
import { complainAboutNode, findSiteDatabase, generateClient } from "@/lib/launcher";

// `npm run judge -- …`.

const abort = new AbortController();
process.once("SIGINT", () => abort.abort());

/** On a terminal one line that is written over; elsewhere a line for each tenth. */
function showProgress(done: number, total: number, what: string): void {
  const text = `${done} of ${total} ${what}`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text}${done === total ? "\n" : ""}`);
  else if (Math.floor((10 * done) / total) > Math.floor((10 * (done - 1)) / total))
    process.stderr.write(`${text}\n`);
}

async function main(): Promise<number> {
  const complaint = complainAboutNode(process.version);
  if (complaint !== null) {
    process.stderr.write(`${complaint}\n`);
    return 1;
  }
  try {
    const env = readLauncherEnv();
    // First, because the database code is compiled against it.
    await generateClient();
    const { runJudgeCli } = await import("./run-judge-cli");
    return await runJudgeCli(process.argv.slice(2), {
      findDatabase: () => findSiteDatabase(env),
      siteUrl: `http://${env.HOST}:${env.PORT}`,
      dataDir: env.ARENA_DATA_DIR,
      print: (text) => process.stdout.write(text),
      complain: (text) => process.stderr.write(text),
      progress: showProgress,
      signal: abort.signal,
    });
  } catch (error) {
    const known = isAppError(error) ? error.message : error instanceof Error ? error.stack : String(error);
    const interrupted = "Interrupted. The same command goes on where this one was.";
    process.stderr.write(`${abort.signal.aborted ? `\n${interrupted}` : known}\n`);
    return 1;
  }
}

// Not process.exit: a pipe may still be taking what was printed.
process.exitCode = await main();

import { readLauncherEnv, releasesFolder } from "@/lib/env";
import { isAppError } from "@/lib/errors";
import { complainAboutNode, findSiteDatabase, generateClient } from "@/lib/launcher";

// `npm run votes -- <command>`.

const abort = new AbortController();
process.once("SIGINT", () => abort.abort());

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
    const { runVotes } = await import("./run-votes");
    return await runVotes(process.argv.slice(2), {
      findDatabase: () => findSiteDatabase(env),
      releasesFolder: releasesFolder(env),
      print: (text) => process.stdout.write(text),
      complain: (text) => process.stderr.write(text),
      signal: abort.signal,
    });
  } catch (error) {
    const known = isAppError(error) ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${abort.signal.aborted ? "Interrupted; nothing was left half done." : known}\n`);
    return 1;
  }
}

// Not process.exit: a pipe may still be taking what was printed.
process.exitCode = await main();

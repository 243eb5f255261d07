import { type LauncherEnv, readLauncherEnv } from "@/lib/env";
import { isAppError } from "@/lib/errors";
import { findSiteDatabase } from "./find-site-database";
import { generateClient } from "./generate-client";
import { complainAboutNode } from "./node-version";

/** What a command of the site (`npm run admin`, `votes`, `judge`) gets of the machine that it runs on. */
export type CommandContext = {
  env: LauncherEnv;
  args: string[];
  /** The address of the site's database. */
  findDatabase: () => Promise<string>;
  print: (text: string) => void;
  complain: (text: string) => void;
  /** Aborted by Ctrl-C where the command says what that leaves behind; else Ctrl-C ends the process at once. */
  signal: AbortSignal;
};

type CommandOptions = {
  /** Resolves to the exit code. Loads the code of the database itself: it is compiled against the client made before. */
  run: (context: CommandContext) => Promise<number>;
  /** What is said after Ctrl-C. */
  interrupted?: string;
};

/** Runs a command of the site and sets the exit code; 1 with one sentence where it fails. */
export async function runCommand({ run, interrupted }: CommandOptions): Promise<void> {
  const complain = (text: string): void => void process.stderr.write(text);
  const abort = new AbortController();
  if (interrupted !== undefined) process.once("SIGINT", () => abort.abort());
  // Not process.exit: a pipe may still be taking what was printed.
  process.exitCode = 1;
  const complaint = complainAboutNode(process.version);
  if (complaint !== null) return complain(`${complaint}\n`);
  try {
    const env = readLauncherEnv();
    await generateClient();
    process.exitCode = await run({
      env,
      args: process.argv.slice(2),
      findDatabase: () => findSiteDatabase(env),
      print: (text) => void process.stdout.write(text),
      complain,
      signal: abort.signal,
    });
  } catch (error) {
    const known = isAppError(error) ? error.message : error instanceof Error ? error.stack : String(error);
    complain(`${abort.signal.aborted ? `\n${interrupted}` : known}\n`);
  }
}

import { runCommand } from "@/lib/launcher";

// `npm run judge -- …`.

/** On a terminal one line that is written over; elsewhere a line for each tenth. */
function showProgress(done: number, total: number, what: string): void {
  const text = `${done} of ${total} ${what}`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text}${done === total ? "\n" : ""}`);
  else if (Math.floor((10 * done) / total) > Math.floor((10 * (done - 1)) / total))
    process.stderr.write(`${text}\n`);
}

await runCommand({
  interrupted: "Interrupted. The same command goes on where this one was.",
  run: async ({ args, env, ...context }) => {
    const { runJudgeCli } = await import("./run-judge-cli");
    return runJudgeCli(args, {
      ...context,
      siteUrl: `http://${env.HOST}:${env.PORT}`,
      dataDir: env.ARENA_DATA_DIR,
      progress: showProgress,
    });
  },
});

import { releasesFolder } from "@/lib/env";
import { runCommand } from "@/lib/launcher";

// `npm run votes -- <command>`.

await runCommand({
  interrupted: "Interrupted; nothing was left half done.",
  run: async ({ args, env, ...context }) => {
    const { runVotes } = await import("./run-votes");
    return runVotes(args, { ...context, releasesFolder: releasesFolder(env) });
  },
});

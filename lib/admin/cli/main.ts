import { runCommand } from "@/lib/launcher";

// `npm run admin -- <command>`.

await runCommand({
  run: async ({ args, ...context }) => (await import("./run-admin")).runAdmin(args, context),
});

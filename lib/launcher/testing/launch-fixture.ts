import { readLauncherEnv } from "@/lib/env";
import { sourcePrograms } from "../children";
import { launch } from "../launch";
import { createProgress } from "../progress";
import { listenForStop } from "../stop-signals";

// A launcher with stand-in children: launch-fixture.ts <child fixture> <events file> <server mode> <worker mode> <models folder>

const [child = "", events = "", serverMode = "", workerMode = "", models = ""] = process.argv.slice(2);
try {
  await launch({
    env: readLauncherEnv(),
    progress: createProgress((text) => process.stdout.write(text)),
    signals: listenForStop(),
    programs: {
      ...sourcePrograms,
      server: [child, events, serverMode],
      worker: [child, events, workerMode],
      models,
    },
    build: async () => false,
  });
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

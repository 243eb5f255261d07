import { spawn } from "node:child_process";
import { childEnv } from "@/lib/env";
import { compileBench } from "./compile-bench";
import { loadFlags } from "./gateway/load-flags";

/** `npm run bench -- <name> [options]`: one process for each benchmark, so that none disturbs another's figures. */

type Bench = {
  script: string;
  /** Node's. */
  flags?: readonly string[];
};

const benches: Readonly<Record<string, Bench>> = {
  battle: { script: "battle/main.ts" },
  gateway: { script: "gateway/main.ts", flags: loadFlags },
  rating: { script: "rating/main.ts" },
  start: { script: "start/main.ts" },
  web: { script: "web/main.ts" },
  worker: { script: "worker/main.ts" },
};

const [name, ...rest] = process.argv.slice(2);
const bench = name === undefined ? undefined : benches[name];
if (bench === undefined) {
  process.stderr.write(
    `Usage: npm run bench -- <${Object.keys(benches).join(" | ")}> [options]; --help after a name shows its options.\n`,
  );
  process.exit(name === undefined || name === "--help" ? 0 : 2);
}
const { script, flags = [] } = bench;
const { program, remove } = await compileBench({ main: script });
const child = spawn(
  process.execPath,
  ["--enable-source-maps", ...flags, program("main"), ...rest],
  // Every slot of a contestant samples in libuv's pool, whose size is read when a process starts.
  { stdio: "inherit", env: childEnv({ UV_THREADPOOL_SIZE: "64" }) },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGTERM"));
child.on("exit", (code) => void remove().then(() => process.exit(code ?? 1)));

import { spawn } from "node:child_process";
import { childEnv } from "@/lib/env";
import { compileBench } from "./compile-bench";

/** `npm run bench -- <name> [options]`: one process for each benchmark, so that none disturbs another's figures. */

const benches: Readonly<Record<string, string>> = {
  battle: "battle/main.ts",
  gateway: "gateway/main.ts",
  rating: "rating/main.ts",
  start: "start/main.ts",
  web: "web/main.ts",
  worker: "worker/main.ts",
};

const [name, ...rest] = process.argv.slice(2);
const script = name === undefined ? undefined : benches[name];
if (script === undefined) {
  process.stderr.write(
    `Usage: npm run bench -- <${Object.keys(benches).join(" | ")}> [options]; --help after a name shows its options.\n`,
  );
  process.exit(name === undefined || name === "--help" ? 0 : 2);
}
const { program, remove } = await compileBench({ main: script });
const child = spawn(
  process.execPath,
  ["--enable-source-maps", program("main"), ...rest],
  // Every slot of a contestant samples in libuv's pool, whose size is read when a process starts.
  { stdio: "inherit", env: childEnv({ UV_THREADPOOL_SIZE: "64" }) },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGTERM"));
child.on("exit", (code) => void remove().then(() => process.exit(code ?? 1)));

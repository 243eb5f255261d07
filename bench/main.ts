import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { childEnv } from "@/lib/env";
import { compileBench } from "./compile-bench";
import { loadFlags } from "./gateway/load-flags";

/** `npm run bench -- <name> [options]`: one process for each benchmark, so that none disturbs another's figures. */

type Bench = {
  script: string;
  /** It is itself the load, whose cost is missing to what it measures. */
  isLoad?: true;
};

const benches: Readonly<Record<string, Bench>> = {
  battle: { script: "battle/main.ts" },
  gateway: { script: "gateway/main.ts", isLoad: true },
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
const compiled = bench.isLoad === true ? await compileBench({ main: bench.script }) : null;
const program =
  compiled === null
    ? ["--import", "tsx", fileURLToPath(new URL(bench.script, import.meta.url))]
    : ["--enable-source-maps", ...loadFlags, compiled.program("main")];
const child = spawn(
  process.execPath,
  [...program, ...rest],
  // Every slot of a contestant samples in libuv's pool, whose size is read when a process starts.
  { stdio: "inherit", env: childEnv({ UV_THREADPOOL_SIZE: "64" }) },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGTERM"));
child.on("exit", async (code) => {
  await compiled?.remove();
  process.exit(code ?? 1);
});

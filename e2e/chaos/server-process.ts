import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { childEnv } from "@/lib/env";
import { serverFlags } from "@/lib/launcher";
import { memoryMib } from "../fixtures/proc";

const root = fileURLToPath(new URL("../..", import.meta.url));

export type ServerProcess = {
  url: string;
  pid: number;
  logFile: string;
  /** Signals it and returns at once. */
  signal(signal: NodeJS.Signals): void;
  /** Settles when it has gone. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Whether it still runs. */
  isRunning(): boolean;
};

/** The server's own program, as a unit file or an image runs it; settles when it serves. */
export async function startServerProcess(
  env: Record<string, string>,
  logFile: string,
  nodeArgs: readonly string[] = [],
): Promise<ServerProcess> {
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(
    process.execPath,
    ["--enable-source-maps", ...serverFlags, ...nodeArgs, "lib/launcher/run.mjs", "server"],
    {
      cwd: root,
      env: childEnv({ NODE_ENV: "production", NODE_OPTIONS: undefined, ...env }),
      stdio: ["ignore", log, log, "ipc"],
    },
  );
  closeSync(log);
  const exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  const url = await Promise.race([
    readyUrl(child),
    exited.then(() => {
      throw new Error(`The server did not start; more in ${logFile}.`);
    }),
  ]);
  if (child.pid === undefined) throw new Error("The server has no process id.");
  return {
    url,
    pid: child.pid,
    logFile,
    signal: (signal) => void child.kill(signal),
    exited,
    isRunning: () => child.exitCode === null && child.signalCode === null,
  };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  const [message] = (await once(child, "message")) as [{ type: string; url?: string; message?: string }];
  if (message.url === undefined) throw new Error(`The server did not start: ${message.message}`);
  return message.url;
}

/** What a process holds now. */
export type Holdings = {
  fds: number;
  rssMib: number;
  /** Of JavaScript's heap, with what the next collection will find to be garbage. */
  heapMib: number;
  claims: number;
  waiting: number;
};

/** From /proc and the server's own metrics. */
export async function holdings(server: ServerProcess): Promise<Holdings> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const sum = (name: string): number =>
    [...metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e+]+)$`, "gm"))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );
  return {
    fds: readdirSync(`/proc/${server.pid}/fd`).length,
    rssMib: memoryMib(server.pid, "VmRSS"),
    heapMib: sum("nodejs_heap_size_used_bytes") / 1024 / 1024,
    claims: sum("arena_claims_open"),
    waiting: sum("arena_queue_length"),
  };
}

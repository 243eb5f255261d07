import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { childEnv } from "@/lib/env";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readySchema = z.object({ type: z.literal("ready"), url: z.url(), apiKey: z.string().optional() });

export type ChildOptions = {
  name: string;
  /** Node's arguments. */
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Takes both outputs. */
  logFile: string;
};

export type Child = z.infer<typeof readySchema> & { name: string; pid: number };

/** How long a child may take to be ready, and to end. */
const startLimitMs = 60_000;
const stopLimitMs = 20_000;

/** The processes of one run. Each also ends by itself when this process is gone: its IPC channel closes. */
export class Children {
  readonly #processes: ChildProcess[] = [];
  readonly #abort = new AbortController();

  /** Aborts when a child ends that nobody has told to, and with the signal that was given. */
  readonly signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#abort.signal]);
  }

  /** Resolves when the child has told that it serves. Errors: it ended before, or said nothing in a minute. */
  async start({ name, args, env = {}, logFile }: ChildOptions): Promise<Child> {
    const log = openSync(logFile, "a", 0o600);
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: childEnv({ NODE_ENV: "production", NODE_OPTIONS: undefined, ...env }),
      // A group of its own: Ctrl-C reaches this process, which ends the children in order.
      detached: true,
      stdio: ["ignore", log, log, "ipc"],
    });
    this.#processes.push(child);
    child.once("exit", (code, by) =>
      this.#abort.abort(new Error(`${name} ended (${by ?? code}); more in ${logFile}.`)),
    );
    const limit = AbortSignal.any([this.signal, AbortSignal.timeout(startLimitMs)]);
    const [message] = await once(child, "message", { signal: limit }).catch(() => {
      throw this.signal.aborted ? this.signal.reason : new Error(`${name} is not ready; see ${logFile}.`);
    });
    if (child.pid === undefined) throw new Error(`${name} has no process id.`);
    return { name, pid: child.pid, ...readySchema.parse(message) };
  }

  /** Latest first, because a child may need an earlier one to end well. Resolves when all have gone. */
  async stop(): Promise<void> {
    for (const child of this.#processes.reverse()) await end(child);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  const kill = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
  child.kill("SIGTERM");
  await exited;
  clearTimeout(kill);
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { projectRoot } from "./project-root";

export type ChildSpec = {
  /** As in "The server ended". */
  title: string;
  /** Node's arguments, from the project's root. */
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Takes both outputs. A file and not a pipe: a child whose launcher was killed must still be able to write. */
  logFile: string;
};

export type ManagedChild = {
  /** The child's address, once it serves. Rejects with its one sentence when it cannot. */
  ready: Promise<string>;
  /** Resolves when it has gone, to "exit code 1" or "signal SIGKILL". */
  exited: Promise<string>;
  /** Asks it to drain. */
  terminate: () => void;
  /** Ends it and everything that it started. */
  kill: () => void;
};

/** The contract with the server and the workers: one of these over IPC; exit 0 after SIGTERM; exit when the channel closes. */
const messageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), url: z.string() }),
  z.object({ type: z.literal("failed"), message: z.string() }),
]);

/** Starts a child in a process group of its own, so that Ctrl-C reaches the launcher alone. */
export function spawnManaged(spec: ChildSpec): ManagedChild {
  const log = openSync(spec.logFile, "a", 0o600);
  const child = spawn(process.execPath, spec.args, {
    cwd: projectRoot,
    env: spec.env,
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  const exited = once(child, "exit").then(([code, signal]) =>
    signal === null ? `exit code ${code}` : `signal ${signal}`,
  );
  const ready = new Promise<string>((resolve, reject) => {
    child.on("message", (raw) => {
      const message = messageSchema.safeParse(raw);
      if (!message.success) return;
      if (message.data.type === "ready") resolve(message.data.url);
      else reject(new AppError("internal", { message: `${spec.title}: ${message.data.message}` }));
    });
    exited.then((how) => {
      const reason = `${spec.title} ended before it was ready (${how}). More in ${spec.logFile}.`;
      reject(new AppError("internal", { message: reason }));
    }, reject);
  });
  const send = (signal: NodeJS.Signals, toGroup: boolean): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    if (toGroup) process.kill(-child.pid, signal);
    else child.kill(signal);
  };
  return { ready, exited, terminate: () => send("SIGTERM", false), kill: () => send("SIGKILL", true) };
}

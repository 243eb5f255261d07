import { spawn } from "node:child_process";

export type OwnerGuard = { dismiss: () => void };

/**
 * Waits for the end of its standard input, which comes when this process dies in whatever way, and then ends PostgreSQL.
 * With a folder, it removes that folder afterwards.
 */
const script = `
read -r _
kill -s "$1" "$2" 2>/dev/null
[ -z "$3" ] && exit 0
while kill -0 "$2" 2>/dev/null; do sleep 0.1; done
rm -rf -- "$3"
`;

export type OwnerGuardOptions = {
  /** PostgreSQL's process. */
  pid: number;
  /** TERM lets open connections finish their work; INT ends them. */
  signal: "TERM" | "INT";
  /** Folder to remove when PostgreSQL has gone. */
  removeDirectory?: string;
};

/** Sees to it that PostgreSQL does not outlive this process, even one that was killed with SIGKILL. Dismiss it after an orderly stop. */
export function guardAgainstOwnerDeath({ pid, signal, removeDirectory = "" }: OwnerGuardOptions): OwnerGuard {
  const guard = spawn("/bin/sh", ["-c", script, "sh", signal, String(pid), removeDirectory], {
    cwd: "/",
    // A session of its own: Ctrl-C must not reach it.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  const dismiss = (): void => {
    guard.kill("SIGKILL");
  };
  return { dismiss };
}

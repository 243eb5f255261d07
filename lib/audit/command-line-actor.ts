import { userInfo } from "node:os";
import type { AuditActor } from "./audit-actor";

/** Whoever types a command: the user of this machine. */
export function commandLineActor(): AuditActor & { kind: "cli" } {
  return { kind: "cli", label: userName() };
}

/** Containers run as numbers that have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    if (error instanceof Error && "code" in error) return `uid ${process.getuid?.() ?? "unknown"}`;
    throw error;
  }
}

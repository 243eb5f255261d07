import { z } from "zod";

/** What a child process tells the launcher, or the primary of its cluster, that started it. */
export const processMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), url: z.string() }),
  z.object({ type: z.literal("failed"), message: z.string() }),
]);
type ProcessMessage = z.infer<typeof processMessageSchema>;

/** Tells the parent, if there is one that listens. */
export function announce(message: ProcessMessage): void {
  process.send?.(message);
}

/** One clear sentence for what we know; the whole error for what we do not. */
export function announceFailure(error: unknown, isKnown: boolean): void {
  const message = describeFailure(error);
  announce({ type: "failed", message });
  const detail = isKnown || !(error instanceof Error) ? message : (error.stack ?? message);
  if (process.send === undefined || !isKnown) process.stderr.write(`${detail}\n`);
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
    const { address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
    return `Port ${port} of ${address} is taken by another program. Stop it, or set PORT to a free port.`;
  }
  return error.message;
}

/**
 * Resolves at SIGTERM or SIGINT, or when the parent is gone: a server without its launcher would hold the port and the
 * database for ever. Further SIGTERMs change nothing: a service manager may send one to every process of the cluster, and the
 * primary another; a second SIGINT ends it at once.
 */
export function whenToldToStop(): Promise<"SIGTERM" | "SIGINT" | "disconnect"> {
  return new Promise((resolve) => {
    process.on("SIGTERM", resolve);
    process.once("SIGINT", resolve);
    process.once("disconnect", () => resolve("disconnect"));
  });
}

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { AppError } from "@/lib/errors";

/** A reader that takes nothing for this long while the buffer is full is given up. */
const maxStallMs = 60_000;

/** Writes one frame, or some bytes, at once. Resolves when the socket takes more, so that a slow reader slows its own stream down. */
export async function writeFrame(
  response: ServerResponse,
  frame: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (response.write(frame)) return;
  const stalled = AbortSignal.timeout(maxStallMs);
  try {
    await once(response, "drain", { signal: AbortSignal.any([signal, stalled]) });
  } catch (cause) {
    signal.throwIfAborted();
    throw new AppError("upstream_timeout", { message: "The reader has stopped reading.", cause });
  }
}

export const doneFrame = "data: [DONE]\n\n";

/** One server-sent event. */
export function dataFrame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

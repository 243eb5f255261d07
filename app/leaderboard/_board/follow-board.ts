import { ApiError } from "@/app/_data/api-error";
import { callApi } from "@/app/_data/call-api";
import { readSse } from "@/app/_data/read-sse";
import { type Leaderboard, leaderboardSchema } from "@/lib/protocol";

/** Errors: `ApiError`. */
export function fetchBoard(signal: AbortSignal): Promise<Leaderboard> {
  return callApi("/api/leaderboard", leaderboardSchema, { signal });
}

/** Calls `onBoard` for each new fit, one after the other, until the stream ends. Errors: whatever the connection fails with. */
export async function listenToBoard(signal: AbortSignal, onBoard: () => Promise<void>): Promise<void> {
  const response = await fetch("/api/leaderboard/events", {
    headers: { accept: "text/event-stream" },
    cache: "no-store",
    signal,
  });
  if (!response.ok || response.body === null) throw new ApiError("unexpected");
  for await (const frame of readSse(response.body)) {
    if (signal.aborted) return;
    if (frame.event === "board") await onBoard();
  }
}

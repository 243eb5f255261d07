import { ApiError } from "@/app/_data/api-error";
import { callApi } from "@/app/_data/call-api";
import { readSse } from "@/app/_data/read-sse";
import { boardEventSchema, type Leaderboard, leaderboardSchema } from "@/lib/protocol";

/** `search`: see `toBoardSearch`. Errors: `ApiError`. */
export function fetchBoard(search: string, signal: AbortSignal): Promise<Leaderboard> {
  return callApi(`/api/leaderboard${search}`, leaderboardSchema, { signal });
}

/**
 * Calls `onFit` with the id of each new fit of a board, one after the other, until the stream ends; the first is the one
 * that stands. `keySearch`: see `toKeySearch`. Errors: whatever the connection fails with.
 */
export async function listenToBoard(
  keySearch: string,
  signal: AbortSignal,
  onFit: (snapshotId: string) => Promise<void>,
): Promise<void> {
  const response = await fetch(`/api/leaderboard/events${keySearch}`, {
    headers: { accept: "text/event-stream" },
    cache: "no-store",
    signal,
  });
  if (!response.ok || response.body === null) throw new ApiError("unexpected");
  for await (const frame of readSse(response.body)) {
    if (signal.aborted) return;
    if (frame.event !== "board") continue;
    const event = boardEventSchema.safeParse(JSON.parse(frame.data));
    if (!event.success) throw new ApiError("unexpected", {}, event.error);
    await onFit(event.data.snapshotId);
  }
}

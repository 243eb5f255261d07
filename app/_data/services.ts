import type { Leaderboard } from "@/lib/protocol";
import { getServices } from "@/lib/server/services";

/** The newest fit of the blind board. */
export function currentLeaderboard(): Promise<Leaderboard> {
  return getServices().leaderboard.current();
}

/** True while only the bundled demo models are served. */
export function isDemoOnly(): boolean {
  return getServices().site.isDemoOnly();
}

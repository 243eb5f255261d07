import type {
  BoardName,
  BoardQuery,
  ExclusionSummary,
  HeadToHead,
  HeadToHeadQuery,
  Leaderboard,
  ModelCard,
} from "@/lib/protocol";
import { getServices } from "@/lib/server/services";

/** The newest fit of a board. */
export function leaderboardOf(query: BoardQuery): Promise<Leaderboard> {
  return getServices().leaderboard.current(query);
}

/** Votes that do not count, in aggregate. */
export function exclusionSummaryOf(): Promise<ExclusionSummary> {
  return getServices().integrity.summary();
}

/** Null where there is no such model. */
export function modelCardOf(name: string, board: BoardName): Promise<ModelCard | null> {
  return unlessMissing(getServices().leaderboard.modelCard(name, board));
}

/** Null where one of the two does not exist. */
export function headToHeadOf(query: HeadToHeadQuery): Promise<HeadToHead | null> {
  return unlessMissing(getServices().leaderboard.headToHead(query));
}

/** The server and the pages have their own copies of the error class, so the code decides. */
async function unlessMissing<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "model_not_found") return null;
    throw error;
  }
}

/** How many of the served models read images. */
export function visionModels(): number {
  return getServices().site.visionModels();
}

/** True while only the bundled demo models are served. */
export function isDemoOnly(): boolean {
  return getServices().site.isDemoOnly();
}

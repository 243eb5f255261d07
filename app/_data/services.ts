import { z } from "zod";
import type {
  BoardName,
  BoardQuery,
  ExclusionSummary,
  HeadToHead,
  HeadToHeadQuery,
  Leaderboard,
  ModelCard,
  PublishedSample,
  ReleaseView,
  SharedBattle,
  SharedPage,
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

const missing = new Set<unknown>(["model_not_found", "share_not_found", "battle_not_found"]);

/** The server and the pages have their own copies of the error class, so the code decides. */
async function unlessMissing<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Error && "code" in error && missing.has(error.code)) return null;
    throw error;
  }
}

/** How long a prompt, and a battle, may be on this site now. */
export function promptLimits() {
  return getServices().site.promptLimits();
}

/** How many of the served models read images. */
export function visionModels(): number {
  return getServices().site.visionModels();
}

/** True while only the bundled demo models are served. */
export function isDemoOnly(): boolean {
  return getServices().site.isDemoOnly();
}

/** Null where nothing is published at this address, or not any more. */
export function sharedPageOf(token: string): Promise<SharedPage | null> {
  return unlessMissing(getServices().publication.sharedPage(token));
}

/** Null where there is no such battle, or its text is not published with the vote data. */
export async function publishedBattleOf(battleId: string): Promise<SharedPage<SharedBattle> | null> {
  if (!z.uuid().safeParse(battleId).success) return null;
  return unlessMissing(getServices().publication.publishedBattle(battleId));
}

/** The newest battles of a model whose texts are published with the vote data. */
export function samplesOf(model: string): Promise<PublishedSample[]> {
  return getServices().publication.samples(model);
}

type PictureWords = Parameters<ReturnType<typeof getServices>["publication"]["picture"]>[1];

/** Null where nothing is published at this address any more. */
export function pictureOf(token: string, words: PictureWords) {
  return unlessMissing(getServices().publication.picture(token, words));
}

/** Releases of the vote data, the newest first. */
export function releases(): Promise<ReleaseView[]> {
  return getServices().data.releases();
}

/** Scheme and host of the site, where the operator has named them. */
export function publicUrl(): string | null {
  return getServices().site.publicUrl();
}

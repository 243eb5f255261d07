import { AppError } from "@/lib/errors";
import {
  type PublishedSample,
  type SharedBattle,
  type SharedPage,
  sharedContentSchema,
  shareTokenSchema,
} from "@/lib/protocol";
import { publicWhere, publishedBattleSelect, toSharedBattle } from "./battle-content";
import { newestConsent } from "./change-publication";
import type { PublicationDeps } from "./deps";
import { listPublished } from "./list-published";
import { isThere } from "./list-shares";
import { publishable } from "./screen-content";
import { titleOf } from "./share-view";

/** A shared page, for anybody who has its address. Errors: `share_not_found`. */
export async function readSharedPage({ db, settings }: PublicationDeps, token: string): Promise<SharedPage> {
  const share = shareTokenSchema.safeParse(token).success
    ? await db.share.findFirst({ where: { token, revokedAt: null, ...isThere } })
    : null;
  if (share === null) throw new AppError("share_not_found");
  const content = sharedContentSchema.parse(share.content);
  return {
    content,
    title: titleOf(content),
    publishedAt: share.createdAt.toISOString(),
    hiddenFinds: share.hiddenFinds,
    isIndexed: settings.current().sharing.isIndexed,
  };
}

/**
 * A battle whose visitor has published its text with the vote data; anybody may read it. Screened each time, so that a better
 * screen counts for what was published before it. Errors: `battle_not_found`, also without that consent and while a moderator keeps
 * it from being published.
 */
export async function readPublishedBattle(
  { db, settings }: PublicationDeps,
  battleId: string,
): Promise<SharedPage<SharedBattle>> {
  const consent = await newestConsent(db, battleId);
  const battle =
    consent?.isGiven === true
      ? await db.battle.findFirst({ where: { id: battleId, ...publicWhere }, select: publishedBattleSelect })
      : null;
  const published = battle === null || consent === null ? null : publishable(toSharedBattle(battle), consent);
  if (published === null || consent === null) throw new AppError("battle_not_found");
  return {
    content: published.content,
    title: titleOf(published.content),
    publishedAt: consent.createdAt.toISOString(),
    hiddenFinds: published.hidden,
    isIndexed: settings.current().sharing.isIndexed,
  };
}

const maxSamples = 6;
/** Some of them may hold personal data, and are passed over. */
const maxCandidates = 18;

/** The newest battles of a model whose visitors have published their texts with the vote data. */
export async function listSamples(
  { db, settings }: PublicationDeps,
  model: string,
): Promise<PublishedSample[]> {
  if (!settings.current().sharing.showsSamples) return [];
  const { battles } = await listPublished(db, { model, limit: maxCandidates });
  return battles.slice(0, maxSamples).map(({ battleId, content, title, publishedAt }) => ({
    ...{ battleId, prompt: title, outcome: content.vote.outcome, models: content.models },
    publishedAt: publishedAt.toISOString(),
  }));
}

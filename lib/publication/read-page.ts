import { AppError } from "@/lib/errors";
import {
  type PublishedSample,
  type SharedBattle,
  type SharedPage,
  sharedContentSchema,
  shareTokenSchema,
} from "@/lib/protocol";
import { publishedBattleSelect, toSharedBattle } from "./battle-content";
import { newestConsent } from "./change-publication";
import type { PublicationDeps } from "./deps";
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
 * screen counts for what was published before it. Errors: `battle_not_found`, also without that consent.
 */
export async function readPublishedBattle(
  { db, settings }: PublicationDeps,
  battleId: string,
): Promise<SharedPage<SharedBattle>> {
  const consent = await newestConsent(db, battleId);
  const battle =
    consent?.isGiven === true
      ? await db.battle.findFirst({
          where: {
            ...{ id: battleId, textDeletedAt: null, vote: { isNot: null } },
            textAdmittedAt: { not: null },
          },
          select: publishedBattleSelect,
        })
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
  const candidates = await db.$queryRaw<{ battleId: string; hidesFinds: boolean; createdAt: Date }[]>`
    SELECT given.battle_id AS "battleId", given.hides_finds AS "hidesFinds", given.created_at AS "createdAt"
    FROM consents given
    JOIN battles battle ON battle.id = given.battle_id AND battle.text_deleted_at IS NULL
      AND battle.text_admitted_at IS NOT NULL
    JOIN models a ON a.id = battle.model_a_id JOIN models b ON b.id = battle.model_b_id
    WHERE given.is_given AND (a.name = ${model} OR b.name = ${model}) AND a.id <> b.id
      AND NOT EXISTS (SELECT FROM consents later WHERE later.battle_id = given.battle_id AND later.id > given.id)
    ORDER BY given.id DESC LIMIT ${maxCandidates}`;
  const rows = await db.battle.findMany({
    where: {
      id: { in: candidates.map(({ battleId }) => battleId) },
      vote: { isNot: null },
      textDeletedAt: null,
      textAdmittedAt: { not: null },
    },
    select: publishedBattleSelect,
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  const samples: PublishedSample[] = [];
  for (const { battleId, hidesFinds, createdAt } of candidates) {
    const row = byId.get(battleId);
    const published = row === undefined ? null : publishable(toSharedBattle(row), { hidesFinds });
    if (published === null) continue;
    const { content } = published;
    samples.push({
      ...{ battleId, prompt: titleOf(content), outcome: content.vote.outcome, models: content.models },
      publishedAt: createdAt.toISOString(),
    });
    if (samples.length === maxSamples) break;
  }
  return samples;
}

import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { consentVersions, type PublicationRequest, type PublicationView } from "@/lib/protocol";
import { admitBattle } from "./admit-battle";
import {
  type PublishedBattleRow,
  publishedBattleSelect,
  requireText,
  stoppedBy,
  toSharedBattle,
} from "./battle-content";
import type { PublicationDeps } from "./deps";
import { countFinds } from "./screen-content";

/**
 * Keeps whether a battle's text is published with the vote data: a new row for each change, with the version of the words and
 * the time. A yes is kept only once the chain of moderators has let the text through; a no always, also while a moderator keeps
 * the text from being published. Errors: `battle_not_found`, `vote_not_open`, `publication_refused` where the text was removed; for
 * a yes those of `toSharedBattle` and `Moderation.admit`.
 */
export async function changePublication(
  deps: Pick<PublicationDeps, "db" | "moderation">,
  visitorId: string,
  battleId: string,
  { isGiven, hidesFinds }: PublicationRequest,
): Promise<PublicationView> {
  const { db } = deps;
  if (isGiven) {
    // Not within the transaction: a moderator may take seconds, and a voted battle's text does not change.
    const battle = await findOwnBattle(db, visitorId, battleId);
    await admitBattle(deps, visitorId, battle, toSharedBattle(battle));
  }
  return db.$transaction(async (tx) => {
    const battle = await lockOwnBattle(tx, visitorId, battleId);
    requireText(battle);
    if (isGiven) toSharedBattle(battle);
    const last = await newestConsent(tx, battleId);
    const hides = isGiven && hidesFinds;
    if ((last?.isGiven ?? false) !== isGiven || (last?.hidesFinds ?? false) !== hides) {
      await tx.consent.create({
        data: {
          ...{ visitorId, battleId, isGiven, hidesFinds: hides },
          kind: "publication",
          version: consentVersions.publication,
        },
      });
    }
    return toView(await newestConsent(tx, battleId), findsOf(battle));
  });
}

/** Errors: `battle_not_found`, `vote_not_open`, `publication_refused` where the text was removed. */
export async function readPublication(
  { db }: Pick<PublicationDeps, "db">,
  visitorId: string,
  battleId: string,
): Promise<PublicationView> {
  const battle = await findOwnBattle(db, visitorId, battleId);
  requireText(battle);
  return toView(await newestConsent(db, battleId), findsOf(battle));
}

/** None where nothing can be published anyway. */
function findsOf(battle: PublishedBattleRow): PublicationView["finds"] {
  return stoppedBy(battle) === null ? countFinds(toSharedBattle(battle)) : [];
}

async function findOwnBattle(db: Pick<PublicationDeps["db"], "battle">, visitorId: string, battleId: string) {
  const battle = await db.battle.findFirst({
    where: { id: battleId, visitorId },
    select: publishedBattleSelect,
  });
  if (battle === null) throw new AppError("battle_not_found");
  return battle;
}

/** The battle's row locked, as votes, turns and the removal of its text lock it. Errors: `battle_not_found`. */
export async function lockOwnBattle(tx: Prisma.TransactionClient, visitorId: string, battleId: string) {
  const locked = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM battles WHERE id = ${battleId}::uuid AND visitor_id = ${visitorId}::uuid FOR NO KEY UPDATE`;
  if (locked.length === 0) throw new AppError("battle_not_found");
  return tx.battle.findUniqueOrThrow({ where: { id: battleId }, select: publishedBattleSelect });
}

type Consent = { isGiven: boolean; hidesFinds: boolean; createdAt: Date };

export function newestConsent(
  db: Pick<Prisma.TransactionClient, "consent">,
  battleId: string,
): Promise<Consent | null> {
  return db.consent.findFirst({ where: { battleId }, orderBy: { id: "desc" } });
}

function toView(consent: Consent | null, finds: PublicationView["finds"]): PublicationView {
  return {
    isGiven: consent?.isGiven ?? false,
    hidesFinds: consent?.hidesFinds ?? false,
    changedAt: consent?.createdAt.toISOString() ?? null,
    finds,
  };
}

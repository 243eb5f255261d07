import type { Prisma } from "@/lib/db";
import { type History, type HistoryEntry, type HistoryRequest, historyLimits } from "@/lib/protocol";
import type { HistoryDeps } from "./deps";

const modelSelect = { name: true, displayName: true, organization: true, licence: true } as const;

const select = {
  id: true,
  kind: true,
  createdAt: true,
  textDeletedAt: true,
  modelA: { select: modelSelect },
  modelB: { select: modelSelect },
  vote: { select: { outcome: true } },
  turns: { where: { supersededAt: null }, orderBy: { ordinal: "asc" }, select: { prompt: true } },
  consents: { orderBy: { id: "desc" }, take: 1, select: { isGiven: true } },
  shares: { where: { revokedAt: null }, select: { id: true } },
} as const satisfies Prisma.BattleSelect;

/** The visitor's battles, the newest first. Battles that were deleted before their vote are gone from it. */
export async function listHistory(
  { db }: Pick<HistoryDeps, "db">,
  visitorId: string,
  { filter, model, query, cursor }: HistoryRequest,
): Promise<History> {
  const published = filter === "published" ? await publishedOf(db, visitorId) : [];
  const rows = await db.battle.findMany({
    where: {
      visitorId,
      AND: [
        { OR: [{ textDeletedAt: null }, { vote: { isNot: null } }] },
        filter === "published" ? { id: { in: published } } : hasVote(filter),
        model === undefined ? {} : isOfModel(model),
        holds(query),
        // Ids are made in the order of time (UUIDv7).
        cursor === undefined ? {} : { id: { lt: cursor } },
      ],
    },
    orderBy: { id: "desc" },
    take: historyLimits.pageSize + 1,
    select,
  });
  const entries = rows.slice(0, historyLimits.pageSize).map(toEntry);
  const hasMore = rows.length > entries.length;
  const nextCursor = hasMore ? (entries.at(-1)?.id ?? null) : null;
  return { entries, nextCursor, models: await knownModels(db, visitorId) };
}

function hasVote(filter: "all" | "voted" | "unvoted"): Prisma.BattleWhereInput {
  return filter === "all" ? {} : { vote: filter === "voted" ? { isNot: null } : { is: null } };
}

/** Battles that are shared, or whose newest choice is to publish their text. */
async function publishedOf(db: HistoryDeps["db"], visitorId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT battle_id AS id FROM shares
     WHERE visitor_id = ${visitorId}::uuid AND battle_id IS NOT NULL AND revoked_at IS NULL
    UNION
    SELECT battle_id FROM (
      SELECT DISTINCT ON (battle_id) battle_id, is_given FROM consents
       WHERE visitor_id = ${visitorId}::uuid AND battle_id IS NOT NULL ORDER BY battle_id, id DESC) AS newest
     WHERE is_given`;
  return rows.map(({ id }) => id);
}

/** A battle whose two names the visitor may see. */
const isNamed = {
  OR: [{ kind: "compare" }, { vote: { isNot: null } }],
} as const satisfies Prisma.BattleWhereInput;

function knownModels(db: HistoryDeps["db"], visitorId: string) {
  const some = { some: { visitorId, ...isNamed } };
  return db.model.findMany({
    where: { OR: [{ battlesAsA: some }, { battlesAsB: some }] },
    orderBy: [{ displayName: "asc" }, { name: "asc" }],
    select: { name: true, displayName: true },
  });
}

/** Only where the names are known: a filter must not tell which models an open blind battle has. */
function isOfModel(name: string): Prisma.BattleWhereInput {
  return {
    AND: [{ OR: [{ modelA: { name } }, { modelB: { name } }] }, isNamed],
  };
}

/** Prisma hands `%` and `_` on to LIKE, where they would stand for anything. */
function holds(query: string): Prisma.BattleWhereInput {
  const text = query.trim();
  if (text === "") return {};
  const contains = { contains: text.replaceAll(/[\\%_]/g, "\\$&"), mode: "insensitive" } as const;
  const inTurn = { OR: [{ prompt: contains }, { responses: { some: { text: contains } } }] };
  return { turns: { some: { supersededAt: null, ...inTurn } } };
}

function toEntry(row: Prisma.BattleGetPayload<{ select: typeof select }>): HistoryEntry {
  const { id, kind, createdAt, textDeletedAt, vote, turns, modelA, modelB, consents, shares } = row;
  const areNamed = kind === "compare" || vote !== null;
  return {
    id,
    kind,
    createdAt: createdAt.toISOString(),
    prompt: shorten(turns[0]?.prompt ?? ""),
    turnCount: turns.length,
    isTextDeleted: textDeletedAt !== null,
    outcome: vote?.outcome ?? null,
    isPublished: consents[0]?.isGiven ?? false,
    isShared: shares.length > 0,
    models: areNamed ? { a: modelA, b: modelB } : null,
  };
}

/** By characters, so that none is cut in half. */
function shorten(text: string): string {
  const characters = Array.from(text.slice(0, historyLimits.maxPromptCharacters * 2));
  if (characters.length <= historyLimits.maxPromptCharacters) return text;
  return `${characters.slice(0, historyLimits.maxPromptCharacters).join("")}…`;
}

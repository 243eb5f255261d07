import { type Database, databaseError, type Prisma } from "@/lib/db";
import type { FlaggedAnswer, ModerationQueue } from "@/lib/protocol";

const pageSize = 20;

type Query = { status?: "open" | "dismissed" | "resolved"; before?: string | undefined };
type FlagRow = Awaited<ReturnType<Database["moderationFlag"]["findMany"]>>[number];

/**
 * Flagged answers, the latest flag first, each with all its flags, its text and its prompt: what a person needs to decide. An
 * answer that its visitor has removed is left out: its flags are closed by themselves. Errors: `database_unavailable`.
 */
export async function listFlagged(
  db: Database,
  { status = "open", before }: Query = {},
): Promise<ModerationQueue> {
  try {
    const [latest, open] = await Promise.all([
      db.moderationFlag.findMany({
        where: { status, id: before === undefined ? undefined : { lt: before } },
        orderBy: { id: "desc" },
        take: pageSize + 1,
      }),
      db.$queryRaw<{ count: number }[]>`
        SELECT count(DISTINCT subject_id)::int AS count FROM moderation_flags WHERE status = 'open'`,
    ]);
    const page = latest.slice(0, pageSize);
    const subjects = [...new Set(page.map(({ subjectId }) => subjectId))];
    const flags = await db.moderationFlag.findMany({
      where: { subjectId: { in: subjects }, status },
      orderBy: { id: "desc" },
    });
    const found = new Map([...(await responsesOf(db, subjects)), ...(await messagesOf(db, subjects))]);
    const items = subjects.flatMap((subjectId): FlaggedAnswer[] => {
      const subject = found.get(subjectId);
      const own = flags.filter((flag) => flag.subjectId === subjectId);
      const [first] = own;
      return subject === undefined || first === undefined
        ? []
        : [{ ...subject, ...toFlags(own, first), status }];
    });
    return {
      items,
      open: open[0]?.count ?? 0,
      next: latest.length > pageSize ? (page.at(-1)?.id ?? null) : null,
    };
  } catch (error) {
    throw databaseError(error);
  }
}

function toFlags(own: readonly FlagRow[], first: FlagRow) {
  return {
    resolvedBy: first.resolvedBy,
    resolvedAt: first.resolvedAt,
    flags: own.map(({ reason, comment, visitorId, score, createdAt }) => ({
      ...{ reason, comment, score, isVisitor: visitorId !== null, at: createdAt },
    })),
  };
}

type Subject = Omit<FlaggedAnswer, "status" | "flags" | "resolvedBy" | "resolvedAt">;

const shareOf = { where: { revokedAt: null }, take: 1, select: { id: true } } as const;
const visitorOf = { select: { id: true, disabledAt: true } } as const;

async function responsesOf(db: Database, ids: string[]): Promise<Map<string, Subject>> {
  const rows = await db.response.findMany({ where: { id: { in: ids } }, include: responseInclude });
  const votes = rows.flatMap(({ turn }) => turn.battle.vote?.id ?? []);
  const excluded = await db.$queryRaw<{ id: string }[]>`
    SELECT vote_id AS id FROM excluded_votes WHERE vote_id = ANY(${votes}::uuid[])`;
  const isExcluded = new Set(excluded.map(({ id }) => id));
  return new Map(rows.map((row) => [row.id, toResponseSubject(row, isExcluded)]));
}

const responseInclude = {
  turn: {
    include: {
      battle: {
        include: {
          ...{ modelA: true, modelB: true, vote: true, visitor: visitorOf, shares: shareOf },
          consents: { orderBy: { id: "desc" }, take: 1, select: { isGiven: true } },
        },
      },
    },
  },
} as const satisfies Prisma.ResponseInclude;

function toResponseSubject(
  row: Prisma.ResponseGetPayload<{ include: typeof responseInclude }>,
  isExcluded: ReadonlySet<string>,
): Subject {
  const { battle, prompt } = row.turn;
  return {
    ...{ subjectId: row.id, kind: "response", prompt, text: row.text, isHidden: row.hiddenAt !== null },
    model: (row.side === "a" ? battle.modelA : battle.modelB).displayName,
    visitorId: battle.visitor.id,
    isVisitorDisabled: battle.visitor.disabledAt !== null,
    vote: battle.vote === null ? null : { id: battle.vote.id, isExcluded: isExcluded.has(battle.vote.id) },
    isPublished:
      battle.shares.length > 0 ||
      (row.hiddenAt === null && battle.textAdmittedAt !== null && battle.consents[0]?.isGiven === true),
  };
}

async function messagesOf(db: Database, ids: string[]): Promise<Map<string, Subject>> {
  const rows = await db.message.findMany({
    where: { id: { in: ids } },
    include: {
      model: true,
      parent: true,
      conversation: { include: { visitor: visitorOf, shares: shareOf } },
    },
  });
  return new Map(
    rows.map((row) => [
      row.id,
      {
        ...{
          subjectId: row.id,
          kind: "message",
          text: row.text,
          isHidden: row.hiddenAt !== null,
          vote: null,
        },
        model: row.model?.displayName ?? "",
        prompt: row.parent?.text ?? "",
        visitorId: row.conversation.visitor.id,
        isVisitorDisabled: row.conversation.visitor.disabledAt !== null,
        isPublished: row.conversation.shares.length > 0,
      },
    ]),
  );
}

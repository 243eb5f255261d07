import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database, Prisma } from "@/lib/db";
import { databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { parseInput, type ResolveRequest, resolveRequestSchema } from "@/lib/protocol";
import { unpublishAsOperator } from "@/lib/publication";
import { excludeVotes } from "@/lib/trust";
import { transact } from "../transact";

/**
 * Closes the open flags of an answer. hide: nobody reads its text any more, and pages that show it are taken down;
 * exclude_vote: the battle's vote stops counting; disable_visitor: whose battle or chat it is sends nothing more. Without an
 * action the flags are dismissed. The vote and the pages go first, each in a transaction with its own line in the audit log:
 * where one of them fails, the flags stay open. Errors: `not_found` for an answer without open flags, `invalid_request`,
 * `database_unavailable`.
 */
export async function resolveFlags(
  db: Database,
  actor: AuditActor,
  subjectId: string,
  input: ResolveRequest,
): Promise<void> {
  const { actions, note } = parseInput(resolveRequestSchema, input);
  const subject = await findSubject(db, subjectId);
  if (actions.includes("exclude_vote")) {
    if (subject.voteId === null) {
      throw new AppError("invalid_request", { message: "This answer has no vote.", param: "actions" });
    }
    await excludeVotes(db, actor, { voteIds: [subject.voteId], note });
  }
  if (actions.includes("hide")) {
    for (const token of subject.tokens) await unpublishAsOperator({ db }, actor, token, note);
  }
  await transact(db, async (tx) => {
    const { count } = await tx.moderationFlag.updateMany({
      where: { subjectId, status: "open" },
      data: {
        status: actions.length === 0 ? "dismissed" : "resolved",
        resolvedBy: actor.label,
        resolvedAt: new Date(),
      },
    });
    if (count === 0) throw noFlags();
    if (actions.includes("hide")) await hide(tx, subject.kind, subjectId);
    if (actions.includes("disable_visitor")) {
      await tx.visitor.update({ where: { id: subject.visitorId }, data: { disabledAt: new Date() } });
    }
    await recordAudit(tx, {
      ...{ actor, action: actions.length === 0 ? "moderation.dismiss" : "moderation.resolve" },
      ...{ targetKind: subject.kind, targetId: subjectId },
      details: { actions, note, flags: count },
    });
  });
}

const noFlags = () => new AppError("not_found", { message: "This answer has no open flags." });

async function hide(tx: Prisma.TransactionClient, kind: "response" | "message", id: string): Promise<void> {
  const data = { hiddenAt: new Date() };
  if (kind === "response") await tx.response.update({ where: { id }, data });
  else await tx.message.update({ where: { id }, data });
}

type Subject = {
  kind: "response" | "message";
  visitorId: string;
  voteId: string | null;
  /** Addresses at which it is published. */
  tokens: string[];
};

async function findSubject(db: Database, subjectId: string): Promise<Subject> {
  try {
    const flag = await db.moderationFlag.findFirst({ where: { subjectId, status: "open" } });
    if (flag === null) throw noFlags();
    const shares = { where: { revokedAt: null }, select: { token: true } } as const;
    if (flag.subjectKind === "response") {
      const { turn } = await db.response.findUniqueOrThrow({
        where: { id: subjectId },
        select: { turn: { select: { battle: { select: { visitorId: true, vote: true, shares } } } } },
      });
      const { battle } = turn;
      const tokens = battle.shares.map(({ token }) => token);
      return { kind: "response", visitorId: battle.visitorId, voteId: battle.vote?.id ?? null, tokens };
    }
    const { conversation } = await db.message.findUniqueOrThrow({
      where: { id: subjectId },
      select: { conversation: { select: { visitorId: true, shares } } },
    });
    const tokens = conversation.shares.map(({ token }) => token);
    return { kind: "message", visitorId: conversation.visitorId, voteId: null, tokens };
  } catch (error) {
    throw databaseError(error);
  }
}

import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database, Prisma } from "@/lib/db";
import { databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { closeGoneFlags } from "@/lib/moderation";
import { parseInput, type ResolveRequest, resolveRequestSchema } from "@/lib/protocol";
import { unpublishHidden } from "@/lib/publication";
import { excludeVotes } from "@/lib/trust";
import { transact } from "../transact";

/**
 * Closes the open flags of an answer. hide: nobody reads its text any more, and pages that show it are taken down;
 * exclude_vote: the battle's vote stops counting; disable_visitor: whose battle or chat it is sends nothing more. Without an
 * action the flags are dismissed. The vote goes first, in a transaction with its own line in the audit log: where that fails, the
 * flags stay open. Errors: `not_found` for an answer without open flags, also where its visitor has removed it; `invalid_request`,
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
    if (actions.includes("hide")) {
      await unpublishHidden(tx, subject.of);
      await hide(tx, subject.kind, subjectId);
    }
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

/** Errors: `not_found` where the answer is gone since. */
async function hide(tx: Prisma.TransactionClient, kind: "response" | "message", id: string): Promise<void> {
  const of = { where: { id }, data: { hiddenAt: new Date() } };
  const { count } = kind === "response" ? await tx.response.updateMany(of) : await tx.message.updateMany(of);
  if (count === 0) throw noFlags();
}

type Subject = {
  kind: "response" | "message";
  visitorId: string;
  voteId: string | null;
  /** Where it stands. */
  of: { battleId: string } | { conversationId: string };
};

async function findSubject(db: Database, subjectId: string): Promise<Subject> {
  try {
    // What is gone has no decision to be made about it.
    await closeGoneFlags(db);
    const flag = await db.moderationFlag.findFirst({ where: { subjectId, status: "open" } });
    if (flag === null) throw noFlags();
    if (flag.subjectKind === "response") {
      const found = await db.response.findUnique({
        where: { id: subjectId },
        select: { turn: { select: { battle: { select: { id: true, visitorId: true, vote: true } } } } },
      });
      if (found === null) throw noFlags();
      const { id: battleId, visitorId, vote } = found.turn.battle;
      return { kind: "response", visitorId, voteId: vote?.id ?? null, of: { battleId } };
    }
    const found = await db.message.findUnique({
      where: { id: subjectId },
      select: { conversation: { select: { id: true, visitorId: true } } },
    });
    if (found === null) throw noFlags();
    const { id: conversationId, visitorId } = found.conversation;
    return { kind: "message", visitorId, voteId: null, of: { conversationId } };
  } catch (error) {
    throw databaseError(error);
  }
}

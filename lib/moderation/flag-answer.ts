import { v7 as uuidv7 } from "uuid";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { FlagRequest, FlagSubject } from "@/lib/protocol";

export type FlagDeps = {
  db: Database;
  /** Rejects where the text of a battle is not published with the vote data: nobody but its visitor may know of it then. */
  publication: { publishedBattle(battleId: string): Promise<unknown> };
};

/**
 * A reader says that an answer should be looked at. Of a battle: its visitor, once the vote is cast, because before it a
 * flag would be a judgement that is not blind. Of a chat: its visitor. Of what is published: anybody. A second flag of the same
 * answer by the same visitor changes the first while nobody has looked at it. Errors: `battle_not_found`, `vote_not_open` before
 * the vote, `message_not_found`, `share_not_found`, `database_unavailable`.
 */
export async function flagAnswer(
  deps: FlagDeps,
  visitorId: string,
  { subject, reason, comment }: FlagRequest,
): Promise<{ id: string }> {
  const { db } = deps;
  try {
    const found = await findFlagged(deps, visitorId, subject);
    const key = { subjectId: found.subjectId, visitorId };
    const { id } = await db.moderationFlag.upsert({
      where: { subjectId_visitorId: key },
      create: { id: uuidv7(), ...found, visitorId, reason, comment },
      update: { reason, comment },
      select: { id: true },
    });
    return { id };
  } catch (error) {
    throw databaseError(error);
  }
}

async function findFlagged({ db, publication }: FlagDeps, visitorId: string, subject: FlagSubject) {
  switch (subject.kind) {
    case "battle":
      return await findOwnResponse(db, visitorId, subject.battleId, subject.side);
    case "chat":
      return await findMessage(db, visitorId, subject.conversationId, subject.messageId);
    case "published":
      await publication.publishedBattle(subject.battleId);
      return await findResponse(db, subject.battleId, subject.side);
    case "share":
      return await findShared(db, subject.token, subject.side);
  }
}

async function findOwnResponse(db: Database, visitorId: string, battleId: string, side: "a" | "b") {
  const battle = await db.battle.findFirst({
    where: { id: battleId, visitorId },
    select: { vote: { select: { id: true } } },
  });
  if (battle === null) throw new AppError("battle_not_found");
  if (battle.vote === null) throw new AppError("vote_not_open");
  return await findResponse(db, battleId, side);
}

async function findShared(db: Database, token: string, side: "a" | "b") {
  const share = await db.share.findFirst({
    // A chat that waits for its removal is not shown.
    where: { token, revokedAt: null, OR: [{ conversationId: null }, { conversation: { deletedAt: null } }] },
  });
  if (share === null) throw new AppError("share_not_found");
  if (share.battleId !== null) return await findResponse(db, share.battleId, side);
  const message = await db.message.findFirst({
    where: {
      conversationId: share.conversationId ?? "",
      role: "assistant",
      createdAt: { lte: share.createdAt },
    },
    orderBy: { ordinal: "desc" },
    select: { id: true },
  });
  if (message === null) throw new AppError("share_not_found");
  return { subjectKind: "message", subjectId: message.id } as const;
}

async function findResponse(db: Database, battleId: string, side: "a" | "b") {
  const response = await db.response.findFirst({
    where: { side, turn: { battleId, supersededAt: null } },
    orderBy: [{ turn: { ordinal: "desc" } }, { attempt: "desc" }],
    select: { id: true },
  });
  if (response === null) throw new AppError("battle_not_found");
  return { subjectKind: "response", subjectId: response.id } as const;
}

async function findMessage(db: Database, visitorId: string, conversationId: string, id: string) {
  const message = await db.message.findFirst({
    where: { id, role: "assistant", conversation: { id: conversationId, visitorId, deletedAt: null } },
    select: { id: true },
  });
  if (message === null) throw new AppError("message_not_found");
  return { subjectKind: "message", subjectId: id } as const;
}

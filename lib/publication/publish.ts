import { randomBytes } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { SharedContent, ShareRequest, ShareView } from "@/lib/protocol";
import { admitBattle, textOf } from "./admit-battle";
import { type PublishedBattleRow, toSharedBattle } from "./battle-content";
import { lockOwnBattle } from "./change-publication";
import { publishedChatSelect, toSharedChat } from "./chat-content";
import type { PublicationDeps } from "./deps";
import { hideFinds, screenContent } from "./screen-content";
import { shareSelect, toShareView } from "./share-view";

/** 192 bits: nobody finds an address by trying. */
const tokenBytes = 24;

type Target = { battleId: string } | { conversationId: string };

/**
 * Publishes a battle after its vote, or a chat, at an address that cannot be guessed. What it shows is stored now and does not
 * change with the original. One that is published already keeps its address and what it shows.
 *
 * The screen for personal data runs first. Where it finds something, the request must say to hide it, or to keep exactly these
 * finds. Errors: `personal_data_found` with them as details; `battle_not_found`, `conversation_not_found`, `vote_not_open`;
 * `publication_refused` where the text is gone, nothing is answered, an operator took it back, or the site publishes nothing;
 * those of `Moderation.admit`; `conversation_busy` where the chat has changed while it was checked.
 */
export async function publish(
  deps: PublicationDeps,
  visitorId: string,
  request: ShareRequest,
): Promise<ShareView> {
  const { db, settings, moderation } = deps;
  if (!settings.current().sharing.isOpen) {
    throw new AppError("publication_refused", { message: "This site publishes nothing new at the moment." });
  }
  // Not within the transaction: a moderator may take seconds.
  const checked = await db.$transaction(async (tx) => {
    const read = await readContent(tx, visitorId, request);
    return { ...read, former: await formerShare(tx, read.target) };
  });
  // What is published already was checked then, and shows what it showed.
  if (checked.former !== null) return checked.former;
  // Before the moderators: what the visitor has yet to decide on would be read by them twice.
  settleFinds(checked.content, request.finds);
  if (checked.battle !== null) await admitBattle(deps, visitorId, checked.battle, checked.content);
  else await moderation.admit({ surface: "publication", visitorId, text: textOf(checked.content) });
  return db.$transaction(async (tx) => {
    const { target, content } = await readContent(tx, visitorId, request);
    if (textOf(content) !== textOf(checked.content)) throw new AppError("conversation_busy");
    const former = await formerShare(tx, target);
    if (former !== null) return former;
    const { shown, hiddenFinds, keptFinds } = settleFinds(content, request.finds);
    const share = await tx.share.create({
      data: {
        ...{ id: uuidv7(), token: randomBytes(tokenBytes).toString("base64url"), visitorId, ...target },
        ...{ content: shown, hiddenFinds, keptFinds },
      },
      select: shareSelect,
    });
    return toShareView(share);
  });
}

/** The page of it that is there already. Errors: `publication_refused` where an operator took it down. */
async function formerShare(tx: Prisma.TransactionClient, target: Target): Promise<ShareView | null> {
  const former = await tx.share.findFirst({
    where: { ...target, OR: [{ revokedAt: null }, { revokedBy: "operator" }] },
    select: { ...shareSelect, revokedAt: true },
  });
  if (former === null) return null;
  if (former.revokedAt === null) return toShareView(former);
  throw new AppError("publication_refused", { message: "An operator has taken this page down." });
}

/** Locks what is published, so that it cannot be removed meanwhile. */
async function readContent(
  tx: Prisma.TransactionClient,
  visitorId: string,
  { battleId, conversationId }: ShareRequest,
): Promise<{ target: Target; content: SharedContent; battle: PublishedBattleRow | null }> {
  if (battleId !== undefined) {
    const battle = await lockOwnBattle(tx, visitorId, battleId);
    return { target: { battleId }, content: toSharedBattle(battle), battle };
  }
  if (conversationId === undefined) throw new AppError("invalid_request");
  const locked = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM conversations WHERE id = ${conversationId}::uuid AND visitor_id = ${visitorId}::uuid
      AND deleted_at IS NULL FOR NO KEY UPDATE`;
  if (locked.length === 0) throw new AppError("conversation_not_found");
  const chat = await tx.conversation.findUniqueOrThrow({
    where: { id: conversationId },
    select: publishedChatSelect,
  });
  return { target: { conversationId }, content: toSharedChat(chat), battle: null };
}

function settleFinds(content: SharedContent, decision: ShareRequest["finds"]) {
  const found = screenContent(content);
  if (found === null) return { shown: content, hiddenFinds: 0, keptFinds: 0 };
  if (decision?.do === "hide") {
    const { content: shown, hidden } = hideFinds(content);
    return { shown, hiddenFinds: hidden, keptFinds: 0 };
  }
  if (decision?.do === "keep" && decision.digest === found.digest) {
    return { shown: content, hiddenFinds: 0, keptFinds: found.total };
  }
  throw new AppError("personal_data_found", { details: { ...found } });
}

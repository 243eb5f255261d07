import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { branchTo } from "@/lib/message-tree";
import type { SharedChat } from "@/lib/protocol";

export const publishedChatSelect = {
  id: true,
  title: true,
  leafId: true,
  createdAt: true,
  messages: {
    orderBy: { ordinal: "asc" },
    select: {
      id: true,
      parentId: true,
      role: true,
      text: true,
      status: true,
      finishReason: true,
      hiddenAt: true,
      _count: { select: { images: true } },
      model: { select: { name: true, displayName: true } },
    },
  },
} as const satisfies Prisma.ConversationSelect;

export type PublishedChatRow = Prisma.ConversationGetPayload<{ select: typeof publishedChatSelect }>;

/**
 * The branch that is shown, up to its last answer that has ended. System prompt, parameters and other branches stay with the
 * visitor. Errors: `publication_refused` where nothing is answered yet.
 */
export function toSharedChat(row: PublishedChatRow): SharedChat {
  const branch = branchTo(row.messages, row.leafId);
  const isEnded = (message: (typeof branch)[number]) =>
    message.role === "assistant" && (message.status === "finished" || message.status === "stopped");
  const messages = branch.slice(0, branch.findLastIndex(isEnded) + 1).map((message) => {
    if (message.role === "user")
      return { role: "user" as const, text: message.text, images: message._count.images };
    return {
      role: "assistant" as const,
      // Hidden by a moderator: nobody reads it any more.
      text: message.hiddenAt === null ? message.text : "",
      isTruncated: message.finishReason === "length",
      isStopped: message.status !== "finished",
      model: { name: message.model?.name ?? "", displayName: message.model?.displayName ?? "" },
    };
  });
  if (messages.length === 0) {
    throw new AppError("publication_refused", { message: "Nothing in this chat is answered yet." });
  }
  return { kind: "chat", title: row.title, createdAt: row.createdAt.toISOString(), messages };
}

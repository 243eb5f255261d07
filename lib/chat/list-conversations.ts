import { z } from "zod";
import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type ConversationList, chatLimits, type ListConversationsRequest } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { toSummary } from "./dto";

const cursorSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/**
 * The visitor's conversations, the one with the newest message first; with a query those that hold it in their title or in a
 * message. All pinned ones are on the first page. Errors: `invalid_request` for a cursor that is none.
 */
export async function listConversations(
  { db }: ChatDeps,
  visitorId: string,
  { query, cursor }: ListConversationsRequest,
): Promise<ConversationList> {
  const after = cursor === undefined ? null : parseCursor(cursor);
  const where = { visitorId, deletedAt: null, ...matching(query) } satisfies Prisma.ConversationWhereInput;
  const orderBy = [{ updatedAt: "desc" }, { id: "desc" }] as const;
  const select = { id: true, title: true, pinnedAt: true, createdAt: true, updatedAt: true } as const;
  const rows = await db.conversation.findMany({
    where: {
      AND: [
        { ...where, pinnedAt: null },
        ...(after === null
          ? []
          : [{ OR: [{ updatedAt: { lt: after.at } }, { updatedAt: after.at, id: { lt: after.id } }] }]),
      ],
    },
    orderBy: [...orderBy],
    take: chatLimits.pageSize + 1,
    select,
  });
  const pinned =
    after === null
      ? await db.conversation.findMany({
          where: { ...where, pinnedAt: { not: null } },
          orderBy: [...orderBy],
          select,
        })
      : [];
  const page = rows.slice(0, chatLimits.pageSize);
  const last = page.at(-1);
  const hasMore = rows.length > page.length && last !== undefined;
  return {
    conversations: [...pinned, ...page].map(toSummary),
    nextCursor: hasMore ? `${last.updatedAt.toISOString()}_${last.id}` : null,
  };
}

/** Prisma hands `%` and `_` on to LIKE, where they would stand for anything. */
function matching(query: string): Prisma.ConversationWhereInput {
  const text = query.trim();
  if (text === "") return {};
  const contains = { contains: text.replaceAll(/[\\%_]/g, "\\$&"), mode: "insensitive" } as const;
  return { OR: [{ title: contains }, { messages: { some: { text: contains } } }] };
}

function parseCursor(cursor: string): { at: Date; id: string } {
  const parsed = cursorSchema.safeParse(cursor.split("_"));
  if (!parsed.success) throw new AppError("invalid_request", { param: "cursor" });
  return { at: new Date(parsed.data[0]), id: parsed.data[1] };
}

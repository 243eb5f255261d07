import { type SharedContent, type ShareList, type ShareQuery, sharedContentSchema } from "@/lib/protocol";
import type { PublicationDeps } from "./deps";
import { shareSelect, titleOf, toShareView } from "./share-view";

/** What the visitor has published and not taken back, the newest first; chats that wait for their removal left out. */
export async function listShares(
  { db }: Pick<PublicationDeps, "db">,
  visitorId: string,
  { battle, conversation }: ShareQuery,
): Promise<ShareList> {
  const rows = await db.share.findMany({
    where: { visitorId, revokedAt: null, battleId: battle, conversationId: conversation, ...isThere },
    orderBy: { id: "desc" },
    take: maxListed,
    select: shareSelect,
  });
  return { shares: rows.map(toShareView) };
}

/** More than anybody publishes; the page would have to be paged beyond it. */
const maxListed = 500;

/** A chat in the bin is not shown, and is again when it is taken out. */
export const isThere = {
  OR: [{ conversationId: null }, { conversation: { deletedAt: null } }],
};

export type OperatorShare = {
  token: string;
  kind: SharedContent["kind"];
  title: string;
  createdAt: Date;
  keptFinds: number;
};

/** For operators: everything that is published on the site, the newest first. `before`: those published before this time. */
export async function listAllShares(
  { db }: Pick<PublicationDeps, "db">,
  { limit = 50, before }: { limit?: number; before?: Date } = {},
): Promise<OperatorShare[]> {
  const rows = await db.share.findMany({
    where: { revokedAt: null, createdAt: { lt: before }, ...isThere },
    orderBy: { id: "desc" },
    take: limit,
  });
  return rows.map(({ token, content, createdAt, keptFinds }) => {
    const shown = sharedContentSchema.parse(content);
    return { token, kind: shown.kind, title: titleOf(shown), createdAt, keptFinds };
  });
}

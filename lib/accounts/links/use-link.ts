import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { isTokenOf, prefixOf } from "../secret-token";
import { countAdmins, lockAdmins } from "./create-link";

type LinkRow = NonNullable<Awaited<ReturnType<Prisma.TransactionClient["accountLink"]["findUnique"]>>>;

/** What a link would do, for the page that it opens. Errors: `link_invalid`. */
export async function findLink(tx: Prisma.TransactionClient, token: string): Promise<LinkRow> {
  const prefix = prefixOf("al-arena-", token);
  const link = prefix === null ? null : await tx.accountLink.findUnique({ where: { prefix } });
  if (link === null || !isTokenOf(link.hash, token)) throw new AppError("link_invalid");
  const isOver = link.usedAt !== null || link.revokedAt !== null || link.expiresAt <= new Date();
  if (isOver || (link.kind === "first_admin" && (await countAdmins(tx)) > 0)) {
    throw new AppError("link_invalid");
  }
  return link;
}

/**
 * Uses it up, in the transaction that does what it is for: if that fails, the link is as before. Of two who use it at the
 * same time one waits here and is refused. Errors: `link_invalid`.
 */
export async function takeLink(tx: Prisma.TransactionClient, token: string): Promise<LinkRow> {
  const { id, kind } = await findLink(tx, token);
  // Two different links to the first administrator must not both be used.
  if (kind === "first_admin") await lockAdmins(tx);
  await tx.$executeRaw`SELECT 1 FROM account_links WHERE id = ${id}::uuid FOR UPDATE`;
  const link = await findLink(tx, token);
  await tx.accountLink.update({ where: { id }, data: { usedAt: new Date() } });
  return link;
}

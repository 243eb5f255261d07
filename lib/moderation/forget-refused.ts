import type { Prisma } from "@/lib/db";

/** How long it is kept who sent what was refused, in days; the privacy page says a month. */
export const keepRefusedDays = 30;

/** Forgets who sent what was refused longer ago than {@link keepRefusedDays}; that something was, stays. Returns how many. */
export function forgetRefused(
  db: Pick<Prisma.TransactionClient, "$executeRaw">,
): Prisma.PrismaPromise<number> {
  return db.$executeRaw`
    UPDATE moderation_results SET visitor_id = NULL
    WHERE visitor_id IS NOT NULL AND at < now() - ${keepRefusedDays} * interval '1 day'`;
}

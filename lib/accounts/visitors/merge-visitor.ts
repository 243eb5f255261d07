import { type Database, databaseError, type Prisma } from "@/lib/db";

/**
 * What a visitor did becomes the account's: battles, chats, their images and what was shared are handed over; votes, which never change, keep the visitor's
 * name, whose row says from now on to whom it belongs. So the account's history has all of it, and board totals that had
 * counted the two as two voters count one. Again it takes along what has come since. Another account's visitor is left alone.
 * Errors: `database_unavailable`.
 */
export async function mergeVisitor(db: Database, visitorId: string, userId: string): Promise<void> {
  if (visitorId === userId) return;
  try {
    await db.$transaction((tx) => merge(tx, visitorId, userId));
  } catch (error) {
    throw databaseError(error);
  }
}

async function merge(tx: Prisma.TransactionClient, visitorId: string, userId: string): Promise<void> {
  // Of two accounts that take the same visitor at the same time one is too late.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${visitorId}::text, 0))`;
  const visitor = await tx.visitor.findUnique({ where: { id: visitorId } });
  const owner = await tx.user.findUnique({ where: { id: visitorId }, select: { id: true } });
  const isTaken = visitor?.mergedIntoId != null && visitor.mergedIntoId !== userId;
  if (visitor === null || owner !== null || isTaken) return;
  await tx.$executeRaw`INSERT INTO visitors (id) VALUES (${userId}::uuid) ON CONFLICT DO NOTHING`;
  // First battles, then visitors, then totals: the order in which a vote locks them.
  await handOver(tx, visitorId, userId);
  const locked = await tx.$queryRaw<{ id: string; voteCount: number }[]>`
    SELECT id::text, vote_count AS "voteCount" FROM visitors
    WHERE id IN (${visitorId}::uuid, ${userId}::uuid) ORDER BY id FOR UPDATE`;
  // What was begun before the lock, and is committed now.
  await handOver(tx, visitorId, userId);
  // An account is no way around a moderator's stop: what was open here would be voted on there.
  await tx.visitor.updateMany({
    where: { id: userId, disabledAt: null },
    data: { disabledAt: visitor.disabledAt },
  });
  await handOverEvidence(tx, visitorId, userId);
  // Votes since an earlier merge were counted as the account's.
  if (visitor.mergedIntoId !== null) return;
  const votes = locked.find(({ id }) => id === visitorId)?.voteCount ?? 0;
  if (votes > 0) await countAsOne(tx, visitorId, userId);
  await tx.visitor.update({ where: { id: userId }, data: { voteCount: { increment: votes } } });
  await tx.visitor.update({ where: { id: visitorId }, data: { mergedIntoId: userId } });
}

/**
 * A request that was sent again after a session had ended has made the same key twice, once for each of the two. Both rows
 * stay; the key has done its work and may change.
 */
async function handOver(tx: Prisma.TransactionClient, visitorId: string, userId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE battles SET visitor_id = ${userId}::uuid, idempotency_key = CASE WHEN EXISTS (
      SELECT 1 FROM battles AS own WHERE own.visitor_id = ${userId}::uuid AND own.idempotency_key = battles.idempotency_key
    ) THEN gen_random_uuid() ELSE idempotency_key END
    WHERE visitor_id = ${visitorId}::uuid`;
  await tx.$executeRaw`
    UPDATE conversations SET visitor_id = ${userId}::uuid, idempotency_key = CASE WHEN EXISTS (
      SELECT 1 FROM conversations AS own
      WHERE own.visitor_id = ${userId}::uuid AND own.idempotency_key = conversations.idempotency_key
    ) THEN gen_random_uuid() ELSE idempotency_key END
    WHERE visitor_id = ${visitorId}::uuid`;
  await tx.$executeRaw`
    UPDATE attachments SET visitor_id = ${userId}::uuid WHERE visitor_id = ${visitorId}::uuid`;
  await tx.$executeRaw`
    UPDATE shares SET visitor_id = ${userId}::uuid WHERE visitor_id = ${visitorId}::uuid`;
  // That the privacy line was seen stays with the visitor who saw it.
  await tx.$executeRaw`
    UPDATE consents SET visitor_id = ${userId}::uuid
    WHERE visitor_id = ${visitorId}::uuid AND kind = 'publication'`;
}

/**
 * Signing in makes nobody trusted: what is known against the visitor's votes (lib/trust) is held against the account's from now on,
 * and a quarantine goes on. Where both are known, what weighs more: it may be too much by ln 2, as much as choosing the larger of
 * two can gain.
 */
async function handOverEvidence(
  tx: Prisma.TransactionClient,
  visitorId: string,
  userId: string,
): Promise<void> {
  await tx.$executeRaw`
    WITH handed AS (
      DELETE FROM voter_evidence WHERE subject = 'visitor' AND subject_id = ${visitorId}
      RETURNING state, votes, log_e, favours, quarantined_at
    )
    INSERT INTO voter_evidence AS own (subject, subject_id, state, votes, log_e, favours, quarantined_at)
    SELECT 'visitor', ${userId}, state, votes, log_e, favours, quarantined_at FROM handed
    ON CONFLICT (subject, subject_id) DO UPDATE SET state = excluded.state, votes = excluded.votes, log_e = excluded.log_e,
      favours = excluded.favours, quarantined_at = excluded.quarantined_at, updated_at = now()
    WHERE (excluded.quarantined_at IS NOT NULL, excluded.log_e) > (own.quarantined_at IS NOT NULL, own.log_e)`;
}

/** Boards on which both have voted had one voter too many. */
async function countAsOne(tx: Prisma.TransactionClient, visitorId: string, userId: string): Promise<void> {
  await tx.$executeRaw`
    WITH voted AS (
      SELECT DISTINCT COALESCE(board, 'blind') AS board, votes.visitor_id = ${visitorId}::uuid AS is_visitor
      FROM votes
      JOIN visitors ON visitors.id = votes.visitor_id
      LEFT JOIN vote_categories ON vote_id = votes.id
      WHERE (votes.visitor_id = ${visitorId}::uuid OR COALESCE(visitors.merged_into_id, visitors.id) = ${userId}::uuid)
        AND NOT EXISTS (SELECT FROM excluded_votes WHERE excluded_votes.vote_id = votes.id)
    )
    UPDATE board_totals SET voters = voters - 1
    WHERE board IN (SELECT board FROM voted GROUP BY board HAVING count(*) = 2)`;
}

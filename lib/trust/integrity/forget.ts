import type { Database } from "@/lib/db";

/** Removes what is kept for a limited time only: networks of votes, the keys that hid them, spent limits and challenges. */
export async function forgetExpired(db: Database, keepNetworkDays: number): Promise<void> {
  await db.$executeRaw`DELETE FROM network_keys WHERE day < (now() AT TIME ZONE 'UTC')::date - 1`;
  await db.$executeRaw`DELETE FROM vote_origins WHERE created_at < now() - make_interval(days => ${keepNetworkDays}::int)`;
  await db.$executeRaw`
    DELETE FROM voter_evidence WHERE subject = 'network'
      AND updated_at < now() - make_interval(days => ${keepNetworkDays}::int)`;
  await db.$executeRaw`DELETE FROM limit_uses WHERE ends_at < now()`;
  await db.$executeRaw`DELETE FROM spent_challenges WHERE expires_at < now()`;
}

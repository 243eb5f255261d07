import type { Prisma } from "@/lib/db";

/** The servers listen here; the payload is the key's prefix. */
export const keyChannel = "api_keys_changed";

/** Inside the transaction that changes the key: the servers are told at its commit, and only then. */
export async function notifyKeyChange(tx: Prisma.TransactionClient, prefix: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify(${keyChannel}, ${prefix})`;
}

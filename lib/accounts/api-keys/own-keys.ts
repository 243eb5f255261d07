import { recordAudit } from "@/lib/audit";
import { type Database, databaseError, type Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { budgetNames, type CreateOwnKeyRequest, type NewOwnKey, type OwnKey } from "@/lib/protocol";
import type { SessionUser } from "../sessions/session-types";
import type { ApiKeyView } from "./key-record";
import { listKeys } from "./list-keys";
import { type KeyCaps, lower } from "./lower-keys";
import { notifyKeyChange } from "./notify-key-change";
import { storeKey } from "./store-key";

const dayMs = 24 * 60 * 60 * 1000;

/** The keys that the account has made, the newest first; revoked and expired ones too. Errors: `database_unavailable`. */
export async function listOwnKeys(db: Database, userId: string): Promise<OwnKey[]> {
  try {
    return (await listKeys(db, { ownerId: userId })).map(toOwnKey);
  } catch (error) {
    throw databaseError(error);
  }
}

/**
 * A key that a person makes for themselves: never with more than their role allows, and as much where nothing is said. Errors:
 * `invalid_request` that names a budget above the role's, `key_limit_reached`, `database_unavailable`.
 */
export async function createOwnKey(
  db: Database,
  user: SessionUser,
  request: CreateOwnKeyRequest,
  caps: KeyCaps,
  now = new Date(),
): Promise<NewOwnKey> {
  const { name, models, endpoints, expiresInDays } = request;
  const budgets = Object.fromEntries(
    budgetNames.map((budget) => {
      const [wanted, cap] = [request.budgets[budget] ?? null, caps[budget]];
      if (wanted !== null && cap !== null && wanted > cap) {
        throw new AppError("invalid_request", {
          message: `budgets.${budget}: at most ${cap}`,
          param: `budgets.${budget}`,
        });
      }
      return [budget, lower(wanted, cap)];
    }),
  );
  const expiresAt = expiresInDays === null ? null : new Date(now.getTime() + expiresInDays * dayMs);
  const settings = { name, models, endpoints, expiresAt, ...budgets };
  try {
    return await db.$transaction(async (tx) => {
      // Two at once must not both be the last that is allowed.
      await tx.$executeRaw`SELECT 1 FROM users WHERE id = ${user.id}::uuid FOR NO KEY UPDATE`;
      const valid = { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
      const count = await tx.apiKey.count({ where: { ownerId: user.id, ...valid } });
      if (caps.maxKeys !== null && count >= caps.maxKeys) throw new AppError("key_limit_reached");
      const { key, secret } = await storeKey(tx, {
        ...settings,
        ownerLabel: user.email.slice(0, 128),
        ownerId: user.id,
      });
      await recordAudit(tx, {
        actor: { kind: "user", id: user.id, label: user.email },
        ...{ action: "key.create", targetKind: "key", targetId: key.prefix },
        details: { name: key.name, expiresAt: expiresAt?.toISOString() ?? null },
      });
      return { key: toOwnKey(key), secret };
    });
  } catch (error) {
    throw databaseError(error);
  }
}

/** For good. Errors: `not_found`, also for a key of somebody else; `database_unavailable`. */
export async function revokeOwnKey(db: Database, user: SessionUser, id: string): Promise<void> {
  try {
    await db.$transaction(async (tx) => {
      const key = await tx.apiKey.findFirst({ where: { id, ownerId: user.id } });
      if (key === null) throw new AppError("not_found");
      if (key.revokedAt !== null) return;
      await revoke(tx, [key]);
      await recordAudit(tx, {
        actor: { kind: "user", id: user.id, label: user.email },
        ...{ action: "key.revoke", targetKind: "key", targetId: key.prefix },
        details: { name: key.name },
      });
    });
  } catch (error) {
    throw databaseError(error);
  }
}

/** All keys of an account that is disabled or goes. Returns how many there were. */
export async function revokeKeysOf(tx: Prisma.TransactionClient, userId: string): Promise<number> {
  const keys = await tx.apiKey.findMany({ where: { ownerId: userId, revokedAt: null } });
  await revoke(tx, keys);
  return keys.length;
}

async function revoke(tx: Prisma.TransactionClient, keys: readonly { id: string; prefix: string }[]) {
  const ids = keys.map(({ id }) => id);
  await tx.apiKey.updateMany({ where: { id: { in: ids } }, data: { revokedAt: new Date() } });
  for (const { prefix } of keys) await notifyKeyChange(tx, prefix);
}

function toOwnKey(key: ApiKeyView): OwnKey {
  const { id, prefix, name, models, endpoints, createdAt, expiresAt, revokedAt, lastUsedAt } = key;
  const { requestsPerMinute, tokensPerMinute, requestsPerDay, tokensPerDay, maxConcurrent } = key;
  return {
    ...{ id, prefix, name, models, endpoints },
    budgets: { requestsPerMinute, tokensPerMinute, requestsPerDay, tokensPerDay, maxConcurrent },
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

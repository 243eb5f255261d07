import { v7 as uuidv7 } from "uuid";
import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database, Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { makeToken } from "../secret-token";
import type { Role } from "../sessions/session-types";
import { findUser } from "../users/find-user";

const hourMs = 60 * 60 * 1000;

/** How long each kind holds where nothing else is said. */
const lifeMs = {
  invitation: 7 * 24 * hourMs,
  first_admin: 24 * hourMs,
  password_reset: 24 * hourMs,
} as const;

/** `token` goes into the link; it exists nowhere else and cannot be shown again. */
export type NewLink = { id: string; prefix: string; token: string; expiresAt: Date };

/** Whoever opens it makes an account with this role. Errors: `database_unavailable`. */
export function inviteUser(
  db: Database,
  actor: AuditActor,
  { role, expiresAt }: { role: Role; expiresAt?: Date },
): Promise<NewLink> {
  return db.$transaction(async (tx) => {
    const link = await storeLink(tx, actor, { kind: "invitation", role, expiresAt });
    await recordAudit(tx, {
      ...{ actor, action: "user.invite", targetKind: "link", targetId: link.prefix },
      details: { role, expiresAt: link.expiresAt.toISOString() },
    });
    return link;
  });
}

/** Whoever opens it chooses a new password for the account. Links made for it before are void. Errors: `not_found`. */
export function createResetLink(
  db: Database,
  actor: AuditActor,
  reference: string,
  { expiresAt }: { expiresAt?: Date } = {},
): Promise<NewLink> {
  return db.$transaction(async (tx) => {
    const user = await findUser(tx, reference);
    await withdraw(tx, { kind: "password_reset", userId: user.id });
    const link = await storeLink(tx, actor, { kind: "password_reset", userId: user.id, expiresAt });
    await recordAudit(tx, {
      ...{ actor, action: "user.reset_link", targetKind: "user", targetId: user.id },
      details: { email: user.email, link: link.prefix, expiresAt: link.expiresAt.toISOString() },
    });
    return link;
  });
}

/**
 * For the start of a site that has no administrator yet: null where it has one. The one before is void, so that only the
 * newest start's link opens anything.
 */
export function createFirstAdminLink(db: Database, actor: AuditActor): Promise<NewLink | null> {
  return db.$transaction(async (tx) => {
    await lockAdmins(tx);
    if ((await countAdmins(tx)) > 0) return null;
    await withdraw(tx, { kind: "first_admin" });
    const link = await storeLink(tx, actor, { kind: "first_admin", role: "admin" });
    const target = { targetKind: "link", targetId: link.prefix } as const;
    await recordAudit(tx, { actor, action: "user.first_admin_link", ...target });
    return link;
  });
}

/** Who makes, unmakes or counts administrators comes one after another: for the rest of the transaction. */
export async function lockAdmins(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('chat-arena administrators', 0))`;
}

/** Those who can sign in. */
export function countAdmins(tx: Prisma.TransactionClient): Promise<number> {
  return tx.user.count({ where: { role: "admin", disabledAt: null } });
}

/** Errors: `last_admin` where nobody else could run the site. Locks, as {@link lockAdmins} does. */
export async function keepAnAdmin(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await lockAdmins(tx);
  const others = await tx.user.count({ where: { role: "admin", disabledAt: null, id: { not: userId } } });
  if (others > 0) return;
  const own = await tx.user.count({ where: { role: "admin", disabledAt: null, id: userId } });
  if (own > 0) throw new AppError("last_admin");
}

async function withdraw(
  tx: Prisma.TransactionClient,
  where: Pick<Prisma.AccountLinkWhereInput, "kind" | "userId">,
): Promise<void> {
  const data = { revokedAt: new Date() };
  await tx.accountLink.updateMany({ where: { ...where, usedAt: null, revokedAt: null }, data });
}

async function storeLink(
  tx: Prisma.TransactionClient,
  actor: AuditActor,
  link: { kind: keyof typeof lifeMs; role?: Role; userId?: string; expiresAt?: Date | undefined },
): Promise<NewLink> {
  const token = makeToken("al-arena-");
  const id = uuidv7();
  const expiresAt = link.expiresAt ?? new Date(Date.now() + lifeMs[link.kind]);
  await tx.accountLink.create({
    data: {
      ...{ id, kind: link.kind, role: link.role, userId: link.userId, expiresAt },
      ...{ prefix: token.prefix, hash: new Uint8Array(token.hash), createdBy: actor.label },
    },
  });
  return { id, prefix: token.prefix, token: token.text, expiresAt };
}

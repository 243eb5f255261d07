import { v7 as uuidv7 } from "uuid";
import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { makeToken } from "../secret-token";
import { findJoinToken, type JoinTokenView, toView } from "./join-token-record";

export type RotatedJoinToken = {
  token: JoinTokenView;
  secret: string;
  /** Until when workers may still register with the old one. */
  oldEndsAt: Date;
};

/**
 * Makes another token with the same name, patterns and pool, and lets the old one end after `overlapMs`. Nothing stops
 * meanwhile: a registered worker needs no token, so those of the old one go on serving after its end; what they need the new
 * one for is to register again, with their next start. A token that was made for a time gets a successor for as long again,
 * from now. `secret` is shown this once. Errors: `not_found`; `invalid_request` for a token that is revoked or has expired.
 */
export async function rotateJoinToken(
  db: Database,
  reference: string,
  { overlapMs, actor, now = new Date() }: { overlapMs: number; actor: AuditActor; now?: Date },
): Promise<RotatedJoinToken> {
  const made = makeToken("jt-arena-");
  return await db.$transaction(async (tx) => {
    const old = await findJoinToken(tx, reference);
    if (old.revokedAt !== null)
      throw new AppError("invalid_request", { message: "This join token is revoked." });
    if (old.expiresAt !== null && old.expiresAt <= now)
      throw new AppError("invalid_request", { message: "This join token has expired." });
    const { name, models, pool } = old;
    const life = old.expiresAt === null ? null : old.expiresAt.getTime() - old.createdAt.getTime();
    const row = await tx.joinToken.create({
      data: {
        ...{ id: uuidv7(), prefix: made.prefix, hash: new Uint8Array(made.hash), name, models, pool },
        ...{ createdAt: now, expiresAt: life === null ? null : new Date(now.getTime() + life) },
      },
    });
    const end = new Date(now.getTime() + overlapMs);
    const oldEndsAt = old.expiresAt !== null && old.expiresAt < end ? old.expiresAt : end;
    await tx.joinToken.update({ where: { id: old.id }, data: { expiresAt: oldEndsAt } });
    await recordAudit(tx, {
      ...{ actor, action: "join_token.rotate", targetKind: "join_token", targetId: old.prefix },
      details: { successor: made.prefix, expiresAt: oldEndsAt.toISOString() },
    });
    return { token: toView(row), secret: made.text, oldEndsAt };
  });
}

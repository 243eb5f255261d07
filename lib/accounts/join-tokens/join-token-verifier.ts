import { timingSafeEqual } from "node:crypto";
import type { JoinTokenVerifier } from "@/lib/controller";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { matchesAny } from "../name-pattern";
import { hashToken, isTokenOf, prefixOf } from "../secret-token";

/**
 * The token of the environment, where there is one, which is always valid and bound to nothing; and the tokens of the
 * database, each read anew: registrations are rare, and a revocation counts from its commit on.
 */
export function createJoinTokenVerifier(
  db: Database,
  sharedToken: string | undefined,
  now: () => number = Date.now,
): JoinTokenVerifier {
  const sharedHash = sharedToken === undefined ? null : hashToken(sharedToken);
  return {
    async verify(token, modelNames) {
      if (sharedHash !== null && timingSafeEqual(sharedHash, hashToken(token))) {
        return { tokenId: null, pool: null };
      }
      const prefix = prefixOf("jt-arena-", token);
      if (prefix === null) throw new AppError("invalid_join_token");
      try {
        return await verifyStored(db, prefix, token, modelNames, now());
      } catch (error) {
        throw databaseError(error);
      }
    },
  };
}

async function verifyStored(
  db: Database,
  prefix: string,
  token: string,
  modelNames: readonly string[],
  now: number,
) {
  const row = await db.joinToken.findUnique({ where: { prefix } });
  if (row === null || !isTokenOf(row.hash, token)) throw new AppError("invalid_join_token");
  if (row.revokedAt !== null) {
    throw new AppError("invalid_join_token", { message: "The join token was revoked." });
  }
  if (row.expiresAt !== null && row.expiresAt.getTime() <= now) {
    throw new AppError("invalid_join_token", { message: "The join token has expired." });
  }
  const refused = modelNames.find((name) => row.models.length > 0 && !matchesAny(row.models, name));
  if (refused !== undefined) {
    throw new AppError("forbidden", {
      message: `The join token does not allow a model named "${refused}"; it allows ${row.models.join(", ")}.`,
      param: "models",
    });
  }
  await db.joinToken.update({ where: { id: row.id }, data: { lastUsedAt: new Date(now) } });
  return { tokenId: row.id, pool: row.pool };
}

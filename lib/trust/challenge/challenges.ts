import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type Database, databaseError, isUniqueViolation } from "@/lib/db";
import { type Challenge, leadingZeroBits, proofText } from "@/lib/protocol";

/** How long a challenge may be solved. */
const validMs = 120_000;

export type Challenges = {
  /** A fresh challenge for whom `name` names: a network, or an account that somebody wants to sign in to. Nothing is stored for it. */
  issue(name: string, bits: number): Challenge;
  /**
   * Whether a solution (`<challenge>:<answer>`) is right, of one of these names, in time, and used for the first time. Errors:
   * `database_unavailable`.
   */
  spend(names: readonly string[], solution: string): Promise<boolean>;
};

/**
 * Challenges are signed, so that the server keeps nothing until one is solved: `id.expires.bits.signature`, the signature
 * over the network too, so that one network cannot solve for another.
 */
export function createChallenges(db: Database, secret: string, now: () => number = Date.now): Challenges {
  const sign = (name: string, body: string) =>
    createHmac("sha256", secret).update(`challenge:${name}:${body}`).digest("base64url");

  return {
    issue(name, bits) {
      const expiresAt = now() + validMs;
      const body = `${randomBytes(12).toString("base64url")}.${expiresAt.toString(36)}.${bits}`;
      return {
        challenge: `${body}.${sign(name, body)}`,
        bits,
        expiresAt: new Date(expiresAt).toISOString(),
      };
    },

    async spend(names, solution) {
      const match = /^([\w-]{16}\.([0-9a-z]{6,12})\.(\d{1,2}))\.([\w-]{43}):(\d{1,12})$/.exec(solution);
      const [, body = "", expires = "", bits = "", signature = "", answer = ""] = match ?? [];
      if (match === null) return false;
      const given = Buffer.from(signature);
      const isOurs = names.some((name) => {
        const expected = Buffer.from(sign(name, body));
        return expected.length === given.length && timingSafeEqual(expected, given);
      });
      if (!isOurs) return false;
      const expiresAt = Number.parseInt(expires, 36);
      if (!(expiresAt > now())) return false;
      const challenge = `${body}.${signature}`;
      const hash = createHash("sha256")
        .update(proofText(challenge, Number(answer)))
        .digest();
      if (leadingZeroBits(hash) < Number(bits)) return false;
      try {
        await db.spentChallenge.create({ data: { id: body, expiresAt: new Date(expiresAt) } });
        return true;
      } catch (error) {
        if (isUniqueViolation(error)) return false;
        throw databaseError(error);
      }
    },
  };
}

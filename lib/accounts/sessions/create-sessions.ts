import { createHmac, timingSafeEqual } from "node:crypto";
import { parseCookie } from "cookie";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { hasRole, type Sessions, type SessionUser } from "./session-types";

export type SessionsDeps = {
  db: Database;
  /** What better-auth calls the cookie, and what it signs it with. */
  cookieName: string;
  secret: string;
};

/** A session of somebody, as the account's own pages need it. */
export type OpenSession = { id: string; user: SessionUser };

export type SessionReader = Sessions & {
  /** As `find`, with the session's id. Errors: `database_unavailable`. */
  open(cookieHeader: string | undefined): Promise<OpenSession | null>;
};

/**
 * Reads the session of each request from the database, so that a revocation, a change of role and a disabled account count
 * from the next request on. Whoever has no such cookie costs nothing.
 */
export function createSessions({ db, cookieName, secret }: SessionsDeps): SessionReader {
  async function open(cookieHeader: string | undefined): Promise<OpenSession | null> {
    const token = tokenOf(cookieHeader, cookieName, secret);
    if (token === null) return null;
    const session = await findSession(db, token);
    if (session === null || session.expiresAt <= new Date() || session.user.disabledAt !== null) return null;
    const { id, email, name, role } = session.user;
    return { id: session.id, user: { id, email, name, role } };
  }

  const find = async (cookieHeader: string | undefined) => (await open(cookieHeader))?.user ?? null;

  return {
    open,
    find,
    async require(cookieHeader, role) {
      const user = await find(cookieHeader);
      if (user === null) throw new AppError("sign_in_required");
      if (!hasRole(user, role)) throw new AppError("forbidden");
      return user;
    },
  };
}

async function findSession(db: Database, token: string) {
  try {
    return await db.authSession.findUnique({
      where: { token },
      select: {
        id: true,
        expiresAt: true,
        user: { select: { id: true, email: true, name: true, role: true, disabledAt: true } },
      },
    });
  } catch (error) {
    throw databaseError(error);
  }
}

/** `<token>.<signature>`, as better-auth's cookies are signed: HMAC-SHA-256 of the token, in base64. */
function tokenOf(cookieHeader: string | undefined, cookieName: string, secret: string): string | null {
  const value = cookieHeader === undefined ? undefined : parseCookie(cookieHeader)[cookieName];
  if (value === undefined) return null;
  const dot = value.lastIndexOf(".");
  const token = value.slice(0, Math.max(dot, 0));
  // Prisma refuses a character that PostgreSQL cannot keep; no token has one.
  if (!/^[\w-]{16,128}$/.test(token)) return null;
  const expected = Buffer.from(createHmac("sha256", secret).update(token).digest("base64"));
  const given = Buffer.from(value.slice(dot + 1));
  return expected.length === given.length && timingSafeEqual(expected, given) ? token : null;
}

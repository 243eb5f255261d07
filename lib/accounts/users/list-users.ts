import { z } from "zod";
import { type Database, databaseError } from "@/lib/db";
import { parseInput, roleSchema } from "@/lib/protocol";
import type { Role } from "../sessions/session-types";

const querySchema = z.object({
  /** A part of the name or the address. */
  query: z.string().max(200).optional(),
  role: roleSchema.optional(),
  /** Accounts older than the one with this id. */
  before: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type UsersQuery = z.input<typeof querySchema>;

/** An account as those who run the site see it. */
export type UserView = {
  id: string;
  email: string;
  name: string;
  role: Role;
  disabledAt: Date | null;
  createdAt: Date;
  /** `credential` for a password, or a provider's id. */
  logins: string[];
  openSessions: number;
  lastSignInAt: Date | null;
};

/** The newest first. Errors: `invalid_request`, `database_unavailable`. */
export async function listUsers(db: Database, input: UsersQuery = {}, now = new Date()): Promise<UserView[]> {
  const { query, role, before, limit } = parseInput(querySchema, input);
  const contains =
    query === undefined || query === ""
      ? undefined
      : ({ contains: query.replaceAll(/[\\%_]/g, "\\$&"), mode: "insensitive" } as const);
  try {
    const rows = await db.user.findMany({
      where: {
        role,
        id: before === undefined ? undefined : { lt: before },
        ...(contains === undefined ? {} : { OR: [{ email: contains }, { name: contains }] }),
      },
      orderBy: { id: "desc" },
      take: limit,
      include: {
        logins: { select: { providerId: true } },
        sessions: { where: { expiresAt: { gt: now } }, select: { createdAt: true } },
      },
    });
    return rows.map(({ id, email, name, role: has, disabledAt, createdAt, logins, sessions }) => ({
      ...{ id, email, name, role: has, disabledAt, createdAt },
      logins: logins.map(({ providerId }) => providerId).sort(),
      openSessions: sessions.length,
      lastSignInAt:
        sessions.map((session) => session.createdAt).sort((a, b) => b.getTime() - a.getTime())[0] ?? null,
    }));
  } catch (error) {
    throw databaseError(error);
  }
}

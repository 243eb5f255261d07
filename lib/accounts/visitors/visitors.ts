import type { Sessions } from "../sessions/session-types";
import type { VisitorCookies } from "./visitor-cookie";

/** Who acts, for the routes of battles, chats and the history. */
export type Visitors = {
  /** Null: nobody yet. Errors: `database_unavailable`. */
  read(cookieHeader: string | undefined): string | null | Promise<string | null>;
  create: VisitorCookies["create"];
};

/**
 * A signed-in person acts as the visitor of the account, which has the account's id and is in no cookie: it is gone for this
 * browser as soon as the session is. Everybody else acts as the visitor of their cookie.
 */
export function createVisitors(cookies: VisitorCookies, sessions: Pick<Sessions, "find">): Visitors {
  return {
    read: async (cookieHeader) => (await sessions.find(cookieHeader))?.id ?? cookies.read(cookieHeader),
    create: () => cookies.create(),
  };
}

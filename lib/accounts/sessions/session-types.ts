/** Each role may do what those before it may. */
export const roles = ["user", "researcher", "moderator", "admin"] as const;
export type Role = (typeof roles)[number];

/** Who is signed in. */
export type SessionUser = {
  id: string;
  email: string;
  name: string;
  role: Role;
};

/** Each handler asks by itself; no proxy or middleware stands in for it. */
export type Sessions = {
  /** The signed-in user of a `Cookie` header; null: none, or the session has ended or was revoked. Errors: `database_unavailable`. */
  find(cookieHeader: string | undefined): Promise<SessionUser | null>;
  /** The same, where one is needed. Errors: `sign_in_required`, `forbidden` below `role`, `database_unavailable`. */
  require(cookieHeader: string | undefined, role: Role): Promise<SessionUser>;
};

export const hasRole = (user: Pick<SessionUser, "role">, role: Role): boolean =>
  roles.indexOf(user.role) >= roles.indexOf(role);

/** Each may do what those before it may. */
export const roles = ["user", "researcher", "moderator", "admin"] as const;

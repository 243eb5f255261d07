/**
 * A link with which whoever runs the site becomes its first administrator; null where it has one. Each start makes the link of
 * the start before void.
 */
export async function firstAdminLink(databaseUrl: string, siteUrl: string): Promise<string | null> {
  // Not before the Prisma client has been generated.
  const [{ createFirstAdminLink, linkAddress }, { closeDatabase, createDatabase }] = await Promise.all([
    import("@/lib/accounts"),
    import("@/lib/db"),
  ]);
  const db = createDatabase(databaseUrl, { maxConnections: 1 });
  try {
    const link = await createFirstAdminLink(db, { kind: "system", label: "npm start" });
    return link === null ? null : linkAddress(siteUrl, "sign-up", link.token);
  } finally {
    await closeDatabase(db);
  }
}

import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { expect, inject, it } from "vitest";
import { migrate } from "@/lib/db";
import { readCompose, readDeployFile } from "./read-files";

/** psql's own lines left out, its variable put in; under another name, since the server is shared with other tests. */
function statements(name: string, password: string): string[] {
  return readDeployFile("postgres/site-role.sql")
    .replaceAll(/^(?:--|\\).*$/gm, "")
    .replaceAll("arena", name)
    .replace(":'password'", `'${password}'`)
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

it("the role that compose gives the site owns its database, is no superuser, and can migrate it", async () => {
  const { services } = readCompose();
  const url = new URL(services["server-1"]?.environment?.["DATABASE_URL"] ?? "");
  const superuser = services["postgres"]?.environment?.["POSTGRES_USER"] ?? "postgres";
  expect(url.username).not.toBe(superuser);
  expect(readDeployFile("postgres/site-role.sql")).toContain(`CREATE ROLE ${url.username} `);
  expect(readDeployFile("postgres/site-role.sql")).toContain(`CREATE DATABASE ${url.pathname.slice(1)} `);

  const { url: serverUrl, run } = inject("testServer");
  const name = `${run}_role_${randomUUID().slice(0, 8)}`;
  const server = new Client({ connectionString: serverUrl });
  await server.connect();
  try {
    // One by one, as psql does: a database cannot be made in a transaction.
    for (const statement of statements(name, "password-of-the-role")) await server.query(statement);
    const own = new URL(serverUrl);
    Object.assign(own, { username: name, password: "password-of-the-role", pathname: `/${name}` });
    expect((await migrate(own.href)).length).toBeGreaterThan(10);
    const { rows } = await server.query(
      "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = $1",
      [name],
    );
    expect(rows).toEqual([{ rolsuper: false, rolcreaterole: false, rolcreatedb: false }]);
  } finally {
    await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await server.query(`DROP ROLE IF EXISTS ${name}`);
    await server.end();
  }
});

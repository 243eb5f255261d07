import { spawn } from "node:child_process";
import { once } from "node:events";
import { Client, escapeIdentifier, escapeLiteral } from "pg";
import { errorCode } from "../process-lock";
import { type Account, commandAs } from "./account";
import { superuser } from "./cluster";

const name = "arena";

export function siteUrls(port: number, password: string): { url: string; superuserUrl: string } {
  const at = (user: string, database: string) =>
    `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  return { url: at(name, name), superuserUrl: at(superuser, "postgres") };
}

/**
 * Makes the site's role and database where they are missing. The site is no superuser: PostgreSQL lets a superuser read files and run
 * programs, and nothing that the site does needs that.
 */
export async function ensureSiteDatabase(superuserUrl: string, password: string): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const role = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [name]);
    if (role.rowCount === 0) {
      await client.query(`CREATE ROLE ${escapeIdentifier(name)} LOGIN PASSWORD ${escapeLiteral(password)}`);
    }
    const database = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (database.rowCount === 0) {
      await client.query(`CREATE DATABASE ${escapeIdentifier(name)} OWNER ${escapeIdentifier(name)}`);
    }
  } finally {
    await client.end();
  }
}

/** invalid_password and invalid_authorization_specification. */
export function isWrongPassword(error: unknown): boolean {
  return ["28P01", "28000"].includes(errorCode(error) ?? "");
}

/** Sets both roles' passwords while no server runs, in PostgreSQL's single-user mode, which asks for none. */
export async function setPasswords(
  account: Account,
  binary: string,
  directory: string,
  password: string,
): Promise<void> {
  const command = commandAs(account, binary, ["--single", "-D", directory, "postgres"]);
  const child = spawn(command.file, command.args, {
    ...command.options,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = once(child, "exit");
  for (const role of [superuser, name]) {
    // One statement a line. The second role may not exist yet; this mode goes on after an error.
    child.stdin?.write(`ALTER ROLE ${escapeIdentifier(role)} PASSWORD ${escapeLiteral(password)}\n`);
  }
  child.stdin?.end();
  await ended;
}

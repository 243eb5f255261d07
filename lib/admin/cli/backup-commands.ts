import { resolve } from "node:path";
import { z } from "zod";
import { backUp, restore } from "@/lib/backup";
import { parseInput } from "@/lib/protocol";
import type { Command } from "./command";

const backup: Command = {
  name: "backup",
  usage: "FILE [--format arena|pg_dump]",
  summary:
    "Back the whole database up into a new file; the site may run meanwhile. pg_dump does it where one is here that can read the server, else our own format.",
  operands: ["FILE"],
  options: { format: { type: "string" } },
  async run({ url, now, values, positionals }) {
    const { format } = parseInput(z.object({ format: z.enum(["arena", "pg_dump"]).optional() }), values);
    const path = resolve(positionals[0] ?? "");
    const { kind, rows } = await backUp(url, path, { kind: format, now });
    const what = rows === null ? "by pg_dump (custom format)" : `${rows} rows, in our own format`;
    return {
      json: { path, kind, rows },
      text: `Backed up into ${path}: ${what}. The secrets are not in it: keep a copy of secrets.json beside it.\n`,
    };
  },
};

const restoreCommand: Command = {
  name: "restore",
  usage: "FILE [--replace]",
  summary:
    "Put a backup into an empty database, all of it or nothing; --replace: in place of what the database holds. Restart the servers afterwards.",
  operands: ["FILE"],
  options: { replace: { type: "boolean" } },
  async run({ url, values, positionals }) {
    const path = resolve(positionals[0] ?? "");
    const { kind, rows, migrated } = await restore(url, path, { isReplacing: values["replace"] === true });
    const what = rows === null ? "by pg_restore" : `${rows} rows`;
    const level =
      migrated.length === 0 ? "" : ` It was brought to this version by ${migrated.length} migrations.`;
    return {
      json: { path, kind, rows, migrated },
      text: `Restored ${path}: ${what}.${level} Restart the servers, and check it with npm run votes -- verify.\n`,
    };
  },
};

export const backupCommands: readonly Command[] = [backup, restoreCommand];

import type { ParseArgsConfig } from "node:util";
import type { AuditActor } from "@/lib/audit";
import type { Database } from "@/lib/db";

export type CommandInput = {
  db: Database;
  /** The database's address. */
  url: string;
  /** Who the audit log names: the user of this machine. */
  actor: AuditActor;
  now: Date;
  /** As `parseArgs` gives them; each command checks its own. */
  values: Record<string, unknown>;
  /** What stands behind the command's name, without options. */
  positionals: readonly string[];
};

export type CommandOutput = {
  /** What `--json` prints. */
  json: unknown;
  /** What a person reads. */
  text: string;
};

export type Command = {
  /** Words that name it: `keys create`. */
  name: string;
  /** What follows the name in the help. */
  usage: string;
  summary: string;
  /** Names of the words that must follow. */
  operands: readonly string[];
  options: NonNullable<ParseArgsConfig["options"]>;
  run(input: CommandInput): Promise<CommandOutput>;
};

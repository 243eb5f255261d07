import { parseArgs } from "node:util";
import { commandLineActor } from "@/lib/audit";
import { closeDatabase, createDatabase, databaseError } from "@/lib/db";
import { isAppError } from "@/lib/errors";
import { backupCommands } from "./backup-commands";
import type { Command } from "./command";
import { joinTokenCommands } from "./join-token-commands";
import { keyCommands } from "./key-commands";
import { modelCommands } from "./model-commands";
import { moderationCommands } from "./moderation-commands";
import { pageCommands } from "./page-commands";
import { queueCommands } from "./queue-commands";
import { releaseCommands } from "./release-commands";
import { samplingCommands } from "./sampling-commands";
import { settingsCommands } from "./settings-commands";
import { siteCommands } from "./site-commands";
import { userCommands } from "./user-commands";
import { voteCommands } from "./vote-commands";
import { workerCommands } from "./worker-commands";

export type AdminDeps = {
  /** Address of the site's database. Errors: `database_unavailable` with a sentence for the operator. */
  findDatabase: () => Promise<string>;
  print: (text: string) => void;
  complain: (text: string) => void;
  now?: () => Date;
};

const commands: readonly Command[] = [
  ...keyCommands,
  ...joinTokenCommands,
  ...userCommands,
  ...workerCommands,
  ...queueCommands,
  ...modelCommands,
  ...settingsCommands,
  ...moderationCommands,
  ...pageCommands,
  ...voteCommands,
  ...samplingCommands,
  ...releaseCommands,
  ...siteCommands,
  ...backupCommands,
];

/** Runs one command and resolves to the exit code: 0 done, 1 it failed, 2 it was not understood. */
export async function runAdmin(args: readonly string[], deps: AdminDeps): Promise<number> {
  const command = commands.find(({ name }) => name.split(" ").every((word, index) => args[index] === word));
  const isHelp = args.length === 0 || args.includes("--help") || args[0] === "help";
  if (isHelp) {
    deps.print(help(command));
    return 0;
  }
  if (command === undefined) {
    deps.complain(`There is no command "${args.join(" ")}". npm run admin -- help lists them.\n`);
    return 2;
  }
  const rest = args.slice(command.name.split(" ").length);
  const parsed = parse(command, rest);
  if (typeof parsed === "string") {
    deps.complain(`${parsed}\n\n${help(command)}`);
    return 2;
  }
  try {
    const output = await withDatabase(deps, (db, url) =>
      command.run({
        url,
        db,
        actor: commandLineActor(),
        now: deps.now?.() ?? new Date(),
        ...parsed,
      }),
    );
    deps.print(parsed.values["json"] === true ? `${JSON.stringify(output.json, null, 2)}\n` : output.text);
    return 0;
  } catch (thrown) {
    const error = databaseError(thrown);
    if (!isAppError(error)) throw error;
    deps.complain(`${error.message}\n`);
    return error.code === "invalid_request" ? 2 : 1;
  }
}

async function withDatabase<T>(
  { findDatabase }: AdminDeps,
  act: (db: ReturnType<typeof createDatabase>, url: string) => Promise<T>,
): Promise<T> {
  const url = await findDatabase();
  const db = createDatabase(url, { maxConnections: 2 });
  try {
    return await act(db, url);
  } finally {
    await closeDatabase(db);
  }
}

/** Options and operands, or a sentence that says what is wrong with them. */
function parse(command: Command, args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...command.options, json: { type: "boolean" } },
      allowPositionals: true,
      strict: true,
    });
    if (positionals.length !== command.operands.length) {
      const wanted = command.operands.join(" ") || "nothing";
      return `"${command.name}" takes ${wanted} besides its options.`;
    }
    return { values: values as Record<string, unknown>, positionals };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node adds advice on "--" after its first sentence.
    return error.message.split(". ")[0] ?? error.message;
  }
}

function help(command: Command | undefined): string {
  const shown = command === undefined ? commands : [command];
  const lines = shown.map(({ name, usage, summary }) => `  ${`${name} ${usage}`.trim()}\n      ${summary}\n`);
  const head = command === undefined ? "Administers a running site, by its database.\n\n" : "";
  return `${head}npm run admin -- COMMAND [--json]\n\n${lines.join("\n")}`;
}

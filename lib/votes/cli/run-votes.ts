import { join } from "node:path";
import { parseArgs } from "node:util";
import { commandLineActor } from "@/lib/audit";
import { closeDatabase, createDatabase, databaseError } from "@/lib/db";
import { readSecretVariable } from "@/lib/env";
import { AppError, isAppError } from "@/lib/errors";
import { recategorize } from "@/lib/leaderboard";
import {
  type Connection,
  importVotes,
  makeRelease,
  reproduce,
  verifyChain,
  withConnection,
} from "@/lib/votes";
import { describeFault } from "../import/faults";

export type VotesDeps = {
  /** Address of the site's database. Errors: `database_unavailable` with a sentence for the operator. */
  findDatabase: () => Promise<string>;
  /** Where \`/data\` finds releases. */
  releasesFolder: string;
  print: (text: string) => void;
  complain: (text: string) => void;
  now?: () => Date;
  signal?: AbortSignal;
};

const help = `npm run votes -- COMMAND

  import FILE --source NAME [--format lmsys|fastchat|pairs|pair-table|arena] [--board B] [--skip-faulty]
      Votes from elsewhere: JSON or JSON lines of LMSYS, conv.json logs of FastChat, pair counts, and releases of this
      project. All of the file or nothing; again, and only what is new. They count on the board imported:NAME, never on the
      site's own unless --board says so. --skip-faulty leaves faulty records out instead of refusing the file.
  export [FOLDER] [--release NAME] [--format jsonl,csv,parquet] [--board A,B] [--licence ID] [--release-key-env VARIABLE]
      A release: votes, boards with covariance, dataset card, hashes. Without FOLDER it is made where the page /data finds
      it. The text of a battle is in it only with its visitor's consent and after the screen for personal data. Pseudonyms
      are keyed by a random key that is forgotten, or by the one in VARIABLE. Licence: CC-BY-4.0 unless --licence names one.
      It leaves a line in the audit log. One is made at a time, here or in the console.
  verify [--head SEQ:HASH]
      Checks every vote against the chain of hashes, and all counts and boards against the votes.
      --head: a place of the chain that was published before.
  reproduce FOLDER
      Makes the boards of a release again from its votes, to the last digit. Needs no database.

  recategorize [--all]
      Brings categories and styles of stored votes to the rules of this version, with their counts. The site may run
      meanwhile; what is done stays after an interruption. --all: also votes that have today's rules.

  --json prints what a program reads. Exit codes: 0 done, 1 failed or something is wrong, 2 not understood.
`;

const options = {
  source: { type: "string" },
  format: { type: "string" },
  board: { type: "string" },
  "skip-faulty": { type: "boolean" },
  release: { type: "string" },
  licence: { type: "string" },
  "release-key-env": { type: "string" },
  head: { type: "string" },
  all: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];
type Output = { json: unknown; text: string; isWrong?: boolean };
type Verb = {
  operand: string | null;
  isOperandOptional?: boolean;
  allowed: readonly (keyof typeof options)[];
  run(operand: string, values: Values, deps: VotesDeps): Promise<Output>;
};

const verbs: Readonly<Record<string, Verb>> = {
  import: { operand: "FILE", allowed: ["source", "format", "board", "skip-faulty"], run: runImport },
  export: {
    operand: "FOLDER",
    isOperandOptional: true,
    allowed: ["release", "format", "board", "licence", "release-key-env"],
    run: runExport,
  },
  verify: { operand: null, allowed: ["head"], run: runVerify },
  reproduce: { operand: "FOLDER", allowed: [], run: runReproduce },
  recategorize: { operand: null, allowed: ["all"], run: runRecategorize },
};

/** Runs one command and resolves to the exit code. */
export async function runVotes(args: readonly string[], deps: VotesDeps): Promise<number> {
  const parsed = parse(args);
  if (typeof parsed === "string") {
    if (parsed === "") deps.print(help);
    else deps.complain(`${parsed}\n\n${help}`);
    return parsed === "" ? 0 : 2;
  }
  try {
    const output = await parsed.verb.run(parsed.operand, parsed.values, deps);
    deps.print(parsed.values.json === true ? `${JSON.stringify(output.json, null, 2)}\n` : output.text);
    return output.isWrong === true ? 1 : 0;
  } catch (thrown) {
    const error = databaseError(thrown);
    if (!isAppError(error)) throw error;
    deps.complain(`${error.message}\n`);
    return 1;
  }
}

/** What to run; a sentence when it was not understood; nothing when help was asked for. */
function parse(args: readonly string[]) {
  if (args.length === 0 || args[0] === "help" || args.includes("--help")) return "";
  const verb = Object.hasOwn(verbs, args[0] ?? "") ? verbs[args[0] ?? ""] : undefined;
  if (verb === undefined) return `There is no command "${args[0]}".`;
  try {
    const { values, positionals } = parseArgs({ args: args.slice(1), options, allowPositionals: true });
    const isMissing = positionals.length === 0 && verb.isOperandOptional === true;
    if (!isMissing && positionals.length !== (verb.operand === null ? 0 : 1))
      return `${args[0]} takes ${verb.operand ?? "nothing"} besides its options.`;
    const stray = Object.keys(values).find(
      (name) => name !== "json" && !verb.allowed.some((known) => known === name),
    );
    if (stray !== undefined) return `${args[0]} has no option --${stray}.`;
    return { verb, values, operand: positionals[0] ?? "" };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message.split(". ")[0] ?? error.message;
  }
}

async function withSite<T>(
  { findDatabase }: VotesDeps,
  act: (connection: Connection) => Promise<T>,
): Promise<T> {
  return withConnection(await findDatabase(), act);
}

async function runImport(file: string, values: Values, deps: VotesDeps): Promise<Output> {
  if (values.source === undefined)
    throw new AppError("invalid_request", { message: "--source names the data set, for example lmsys-33k." });
  const { source, board } = values;
  const format = values.format as "auto" | undefined;
  const skipFaulty = values["skip-faulty"] === true;
  const report = await withSite(deps, (connection) =>
    importVotes(connection, { file, source, board, format, skipFaulty }, deps.signal),
  );
  const added = Object.entries(report.added).map(([name, votes]) => `  ${name}: ${votes} votes\n`);
  const ignored = Object.entries(report.ignored).map(
    ([what, count]) => `  ${count} records are no votes: ${what}\n`,
  );
  const faults = report.faults.map((fault) => `  left out: ${describeFault(fault)}\n`);
  const models =
    report.newModels.length === 0
      ? ""
      : `  ${report.newModels.length} models are new; they are retired until a worker offers them and they are made public\n`;
  const known = report.known === 0 ? "" : `  ${report.known} votes were known and are not counted again\n`;
  const head = `${report.records} records read as ${report.format}.\n`;
  return { json: report, text: [head, ...added, known, models, ...ignored, ...faults].join("") };
}

async function runExport(folder: string, values: Values, deps: VotesDeps): Promise<Output> {
  const now = deps.now?.() ?? new Date();
  const variable = values["release-key-env"];
  const release = values.release ?? now.toISOString().slice(0, 10);
  const manifest = await makeRelease(
    await deps.findDatabase(),
    commandLineActor(),
    {
      folder: folder === "" ? join(deps.releasesFolder, release) : folder,
      release,
      licence: values.licence,
      formats: values.format?.split(",") as ("jsonl" | "csv" | "parquet")[] | undefined,
      boards: values.board?.split(","),
      releaseKey: variable === undefined ? undefined : readSecretVariable(variable),
    },
    now,
    { signal: deps.signal },
  );
  const files = manifest.files.map(({ name, bytes, sha256 }) => `  ${sha256}  ${name} (${bytes} bytes)\n`);
  const { battles = 0, leftOut = 0 } = manifest.texts ?? {};
  const text = `${manifest.votes} votes in ${manifest.rows - manifest.withheld} rows. Texts of ${battles} battles; ${leftOut} left out by the screen for personal data.\n`;
  return {
    json: manifest,
    text: `${text}${files.join("")}The chain ends at ${manifest.chain.seq}:${manifest.chain.hash}\n`,
  };
}

async function runVerify(_operand: string, values: Values, deps: VotesDeps): Promise<Output> {
  const expectedHead = values.head === undefined ? undefined : parseHead(values.head);
  const result = await withSite(deps, (connection) =>
    verifyChain(connection, { expectedHead, signal: deps.signal }),
  );
  const { head, queued, problems } = result;
  const end = `The chain ends at ${head.seq}:${head.hash}; ${queued} votes wait for their place.\n`;
  const verdict =
    problems.length === 0
      ? "Every vote, count and board agrees.\n"
      : problems.map((problem) => `${problem}\n`).join("");
  return { json: result, text: end + verdict, isWrong: problems.length > 0 };
}

function parseHead(text: string) {
  const match = /^(\d{1,15}):([0-9a-fA-F]{64})$/.exec(text);
  if (match === null)
    throw new AppError("invalid_request", { message: "--head looks like 120:9f86d0… (64 digits)." });
  return { seq: Number(match[1]), hash: match[2] ?? "" };
}

async function runReproduce(path: string, _values: Values, deps: VotesDeps): Promise<Output> {
  const result = await reproduce(path, deps.signal);
  const boards = result.boards.map(
    ({ board, votes, voters, isReproduced }) =>
      `  ${board}: ${votes} votes of ${voters} known voters, ${isReproduced ? "reproduced to the last digit" : "NOT reproduced"}\n`,
  );
  const problems = result.problems.map((problem) => `${problem}\n`);
  return {
    json: result,
    text: `Release ${result.release}, ${result.head.seq} entries of the chain.\n${boards.join("")}${problems.join("")}`,
    isWrong: problems.length > 0,
  };
}

async function runRecategorize(_operand: string, values: Values, deps: VotesDeps): Promise<Output> {
  const db = createDatabase(await deps.findDatabase(), { maxConnections: 2 });
  try {
    const votes = await recategorize(db, { all: values.all === true, signal: deps.signal });
    return {
      json: { votes },
      text: `${votes} votes have the categories and styles of this version's rules.\n`,
    };
  } finally {
    await closeDatabase(db);
  }
}

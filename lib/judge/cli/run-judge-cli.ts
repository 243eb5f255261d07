import { parseArgs } from "node:util";
import { databaseError } from "@/lib/db";
import { readSecretVariable } from "@/lib/env";
import { isAppError } from "@/lib/errors";
import { type Agreement, type JudgeReport, type Progress, runJudge } from "@/lib/judge";
import { withConnection } from "@/lib/votes";

export type JudgeDeps = {
  /** Address of the site's database. Errors: `database_unavailable` with a sentence for the operator. */
  findDatabase: () => Promise<string>;
  /** The site's own address, without a path. */
  siteUrl: string;
  dataDir: string;
  print: (text: string) => void;
  complain: (text: string) => void;
  progress: Progress;
  signal: AbortSignal;
};

const help = `npm run judge -- --prompts FILE --models A,B,C --judge MODEL|rules

  Battles of the models over the prompts, through the site's own OpenAI API, judged in both orders. The votes have
  voter_kind = judge and count on the board "judge". A run that was interrupted goes on where it was.

  --prompts FILE       a JSON array or JSON lines: question_id, category, turns, reference as in MT-bench, or prompt, system,
                       check and expected, or tuples as in workers/models/eval200.json
  --judge MODEL        a served model; rules: the check beside each prompt
  --concurrency N      requests at the same time (4)
  --max-tokens N       longest answer (512)
  --limit N            only so many prompts, across the categories
  --run NAME           tells apart runs of the same prompts, say of a model before and after a change
  --board NAME         judge, or judge:NAME to keep this judge's votes apart
  --state FILE         where answers and verdicts are kept (under ARENA_DATA_DIR)
  --url URL            another address of the API, with /v1
  --api-key-env NAME   the environment variable that holds the API key
  --json               prints what a program reads
`;

const options = {
  prompts: { type: "string" },
  models: { type: "string" },
  judge: { type: "string" },
  concurrency: { type: "string" },
  "max-tokens": { type: "string" },
  limit: { type: "string" },
  run: { type: "string" },
  board: { type: "string" },
  state: { type: "string" },
  url: { type: "string" },
  "api-key-env": { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** Runs the command and resolves to the exit code: 0 done, 1 it failed, 2 it was not understood. */
export async function runJudgeCli(args: readonly string[], deps: JudgeDeps): Promise<number> {
  const values = parse(args);
  if (typeof values === "string") {
    deps.complain(`${values}\n\n${help}`);
    return 2;
  }
  if (values.help === true || args.length === 0) {
    deps.print(help);
    return 0;
  }
  const { prompts, models, judge } = values;
  if (prompts === undefined || models === undefined || judge === undefined) {
    deps.complain(`--prompts, --models and --judge are needed.\n\n${help}`);
    return 2;
  }
  try {
    const keyVariable = values["api-key-env"];
    const api = {
      url: (values.url ?? `${deps.siteUrl}/v1`).replace(/\/$/, ""),
      apiKey: keyVariable === undefined ? null : readSecretVariable(keyVariable),
    };
    const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
    const report = await withConnection(await deps.findDatabase(), (connection) =>
      runJudge(
        connection,
        api,
        {
          promptsFile: prompts,
          models: models.split(",").map((name) => name.trim()),
          judge,
          concurrency: number(values.concurrency),
          maxTokens: number(values["max-tokens"]),
          limit: number(values.limit),
          run: values.run,
          board: values.board,
          stateFile: values.state,
          dataDir: deps.dataDir,
        },
        deps.progress,
        deps.signal,
      ),
    );
    deps.print(values.json === true ? `${JSON.stringify(report, null, 2)}\n` : summary(report));
    return 0;
  } catch (thrown) {
    const error = databaseError(thrown);
    if (!isAppError(error)) throw error;
    deps.complain(`${error.message}\n`);
    return 1;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message.split(". ")[0] ?? error.message;
  }
}

function summary(report: JudgeReport): string {
  const { battles, added, known, board, passed, verdicts, fit, models } = report;
  const checks = Object.entries(passed).map(
    ([model, count]) => `  ${model}: ${count} answers passed their check\n`,
  );
  const rows = [...fit.result.rows]
    .sort((x, y) => (y.rating?.score ?? -Infinity) - (x.rating?.score ?? -Infinity))
    .map((row) => {
      const name = models[row.modelId ?? ""] ?? "?";
      if (row.rating === null) return `  ${name}: ${row.votes} votes, no score (${row.unratedReason})\n`;
      const { score, lower, upper, rankBest, rankWorst } = row.rating;
      return `  ${name}: ${score.toFixed(1)} (${lower.toFixed(1)} to ${upper.toFixed(1)}), rank ${rankBest} to ${rankWorst}, ${row.votes} votes\n`;
    });
  const orders =
    verdicts.pairs + verdicts.unreadable === 0
      ? ""
      : `${verdicts.swayed} of ${verdicts.pairs} pairs of verdicts changed with the order and count as ties; ${verdicts.unreadable} had no readable verdict and do not count.\n`;
  return [
    `${battles.length} battles judged, ${added} votes new, ${known} known.\n`,
    ...checks,
    orders,
    `The board ${board}, ${fit.votes} votes:\n`,
    ...rows,
    describeAgreement(report.agreement),
  ].join("");
}

function describeAgreement({ pairs, withTies, decided, sameWinner }: Agreement): string {
  if (pairs === 0) return "Humans have voted on none of these pairs: no agreement to report.\n";
  const percent = (share: number | null) => (share === null ? "not known" : `${(100 * share).toFixed(1)} %`);
  return `Agreement with humans on ${pairs} pairs: ${percent(withTies)} of votes, ${percent(decided)} of those that are no ties; the same majority on ${percent(sameWinner)} of pairs.\n`;
}

import { join } from "node:path";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { blindBoard, type PublishedBoard, publishedBoard } from "@/lib/leaderboard";
import { parseInput } from "@/lib/protocol";
import { appendChain, type Connection, Faults, type StagedVote, storeVotes } from "@/lib/votes";
import { type Agreement, agreement, type PairShares } from "./agreement";
import type { Api } from "./ask-model";
import { type JudgeRun, judgeBattles, type Progress } from "./judge-battles";
import { readPrompts } from "./prompts";
import { openStateFile } from "./state-file";

/** The board of judges' votes; humans' are never counted there. */
const judgeBoard = "judge";

export const judgeOptionsSchema = z.strictObject({
  promptsFile: z.string().min(1),
  models: z
    .array(z.string().min(1))
    .min(2, "two models at least")
    .max(50)
    .refine((names) => new Set(names).size === names.length, "a model twice"),
  judge: z.string().min(1),
  concurrency: z.number().int().min(1).max(256).default(4),
  maxTokens: z.number().int().min(1).max(100_000).default(512),
  /** Only so many prompts, the first ones of each category in turn. */
  limit: z.number().int().min(1).optional(),
  /** Tells apart two runs of the same prompts and judge, say of a model before and after a change. */
  run: z
    .string()
    .regex(/^[\w.-]{1,60}$/, "letters, digits, dots and dashes")
    .optional(),
  board: z
    .string()
    .regex(/^judge(:[\w.-]{1,60})?$/, "judge, or judge:NAME")
    .default(judgeBoard),
  stateFile: z.string().min(1).optional(),
  dataDir: z.string().min(1),
});
export type JudgeOptions = z.input<typeof judgeOptionsSchema>;

export type JudgeReport = JudgeRun & {
  source: string;
  board: string;
  stateFile: string;
  added: number;
  known: number;
  /** The fit of the whole board, and its models by id. */
  fit: PublishedBoard;
  models: Record<string, string>;
  agreement: Agreement;
};

/**
 * A run of a judge: battles over the prompts, their votes stored on the judge's board with `voter_kind = judge`, and how
 * far that board agrees with humans. Votes are stored once however often the run is repeated.
 */
export async function runJudge(
  connection: Connection,
  api: Api,
  options: JudgeOptions,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<JudgeReport> {
  const { promptsFile, limit, board, dataDir, ...settings } = parseInput(judgeOptionsSchema, options);
  const set = await readPrompts(promptsFile);
  const run = settings.run ?? set.hash.slice(0, 12);
  const stateFile = settings.stateFile ?? join(dataDir, "judge", `${run}-${fileName(settings.judge)}.jsonl`);
  const identity = JSON.stringify([run, set.hash, settings.judge, settings.maxTokens]);
  const state = await openStateFile(stateFile, identity);
  const chosen = limit === undefined ? set : { ...set, prompts: acrossCategories(set.prompts, limit) };
  const judged = await judgeBattles(api, chosen, settings, state, onProgress, signal);

  const source = `judge:${settings.judge}`;
  const castAt = new Date();
  const votes = judged.battles.map(
    ({ promptId, modelA, modelB, outcome }, index): StagedVote => ({
      line: index + 1,
      board,
      externalId: JSON.stringify([run, promptId, ...[modelA, modelB].sort()]),
      modelA,
      modelB,
      outcome,
      count: 1,
      voterKind: "judge",
      kind: "judge",
      voter: settings.judge,
      castAt,
      turnCount: null,
      language: null,
    }),
  );
  const faults = new Faults();
  const stored = await storeVotes(connection, source, batches(votes), faults, () => {
    const changed = faults.list()[0];
    if (changed === undefined) return;
    throw new AppError("invalid_request", {
      message: `${changed.count} battles of this run are stored with another outcome: a model has changed since. Nothing was stored; --run NAME makes it a run of its own.`,
    });
  });
  await appendChain(connection, signal);
  const { fit, models } = await fitBoard(connection, board);
  return {
    ...judged,
    source,
    board,
    stateFile,
    added: Object.values(stored.added).reduce((sum, votesOf) => sum + votesOf, 0),
    known: stored.known,
    fit,
    models,
    agreement: agreement(await sharesOf(connection, board), await sharesOf(connection, blindBoard)),
  };
}

async function* batches(votes: readonly StagedVote[]): AsyncGenerator<readonly StagedVote[]> {
  for (let from = 0; from < votes.length; from += 5_000) yield votes.slice(from, from + 5_000);
}

/** The first prompt of every category, then the second of each, … */
function acrossCategories<T extends { category: string | null }>(prompts: readonly T[], limit: number): T[] {
  const places = new Map<string | null, number>();
  return prompts
    .map((prompt, index) => {
      const place = places.get(prompt.category) ?? 0;
      places.set(prompt.category, place + 1);
      return { prompt, index, place };
    })
    .sort((x, y) => x.place - y.place || x.index - y.index)
    .slice(0, limit)
    .map(({ prompt }) => prompt);
}

function fileName(judge: string): string {
  return judge.replace(/[^\w.-]/g, "_");
}

async function fitBoard(connection: Connection, board: string) {
  const { rows } = await connection.query(
    `SELECT low_id AS "lowId", high_id AS "highId", win_low AS "winLow", win_high AS "winHigh", tie, both_bad AS "bothBad"
       FROM pair_counts WHERE board = $1 AND category = 'overall'`,
    [board],
  );
  const { rows: totals } = await connection.query<{ votes: number; voters: number }>(
    "SELECT votes, voters FROM board_totals WHERE board = $1",
    [board],
  );
  const { rows: names } = await connection.query<{ id: string; name: string }>(
    "SELECT id, name FROM models WHERE id IN (SELECT low_id FROM pair_counts WHERE board = $1 UNION SELECT high_id FROM pair_counts WHERE board = $1)",
    [board],
  );
  return {
    fit: publishedBoard(rows, totals[0] ?? { votes: 0, voters: 0 }),
    models: Object.fromEntries(names.map(({ id, name }) => [id, name])),
  };
}

async function sharesOf(connection: Connection, board: string): Promise<PairShares[]> {
  const { rows } = await connection.query<PairShares>(
    `SELECT low_id::text AS first, high_id::text AS second, win_low AS win, win_high AS loss, tie + both_bad AS tie
       FROM pair_counts WHERE board = $1 AND category = 'overall'`,
    [board],
  );
  return rows;
}

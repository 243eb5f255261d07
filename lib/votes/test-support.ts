import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { inject } from "vitest";
import type { Database } from "@/lib/db";
import { createTestDatabase } from "@/lib/db/testing";
import { countVote, createLeaderboard, toVoteCategory } from "@/lib/leaderboard";
import { runVotes } from "./cli/run-votes";

/** A row of a file, one for each line. */
export const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** A vote as the data sets of LMSYS have it. */
export const lmsysVote = (id: string, a: string, b: string, winner: string, more: object = {}) => ({
  question_id: id,
  model_a: a,
  model_b: b,
  winner,
  judge: "arena_user_1",
  anony: true,
  tstamp: 1682351591.1322,
  ...more,
});

export type VoteSite = Awaited<ReturnType<typeof createVoteSite>>;

/** A database of its own, a folder for files, and what the tests of votes do with them. */
export async function createVoteSite() {
  const database = await createTestDatabase();
  const folder = await mkdtemp(join(inject("scratch"), "votes-"));
  const connection = new Client({ connectionString: database.url });
  await connection.connect();
  let files = 0;

  function newLeaderboard() {
    const logger = pino({ level: "silent" });
    return createLeaderboard({
      db: database.db,
      databaseUrl: database.url,
      logger,
      styleRefreshMs: 1,
      secret: "test",
    });
  }

  return {
    database,
    connection,
    folder,
    newLeaderboard,

    async fileOf(content: string | Buffer): Promise<string> {
      files += 1;
      const path = join(folder, `votes-${files}.jsonl`);
      await writeFile(path, content);
      return path;
    },

    /** Votes of visitors, as the site stores them. */
    castVotes: (count: number, isSelf = false) => castVotes(database.db, count, isSelf),

    /** Has the blind board fitted on the votes of now; gives the number of votes of the fit. */
    async fitBlind(): Promise<number> {
      const leaderboard = newLeaderboard();
      try {
        return (await leaderboard.latestFit({ board: "blind", category: "overall" })).votes;
      } finally {
        await leaderboard.close();
      }
    },

    /** Runs `npm run votes -- …`: its exit code, and what it has printed and complained. */
    async votesCli(...args: string[]): Promise<{ code: number; printed: string; complained: string }> {
      let printed = "";
      let complained = "";
      const code = await runVotes(args, {
        findDatabase: async () => database.url,
        releasesFolder: join(folder, "releases"),
        print: (text) => {
          printed += text;
        },
        complain: (text) => {
          complained += text;
        },
      });
      return { code, printed, complained };
    },

    async close(): Promise<void> {
      await connection.end();
      await database.drop();
    },
  };
}

/** The counted pairs of a board: both names in their order, wins of the first, of the second, ties, both bad. */
export async function pairsOf(db: Database, board: string): Promise<string[]> {
  const rows = await db.pairCount.findMany({ where: { board }, include: { low: true, high: true } });
  return rows
    .map((row) => {
      const isSorted = row.low.name < row.high.name;
      const wins = isSorted ? [row.winLow, row.winHigh] : [row.winHigh, row.winLow];
      const names = [row.low.name, row.high.name].sort();
      return [...names, ...wins, row.tie, row.bothBad].join(" ");
    })
    .sort();
}

async function castVotes(db: Database, count: number, isSelf: boolean): Promise<void> {
  const ids = await Promise.all(
    ["site-x", "site-y"].map(async (name) => {
      const row = await db.model.upsert({
        where: { name },
        create: { id: uuidv7(), name, displayName: name },
        update: {},
      });
      return row.id;
    }),
  );
  const [modelAId, other] = ids as [string, string];
  const modelBId = isSelf ? modelAId : other;
  for (let index = 0; index < count; index++) {
    const visitorId = uuidv7();
    const battleId = uuidv7();
    const outcome = (["a", "b", "tie", "both_bad"] as const)[index % 4] ?? "a";
    await db.$transaction(async (tx) => {
      await tx.visitor.create({ data: { id: visitorId } });
      await tx.battle.create({
        data: {
          id: battleId,
          visitorId,
          idempotencyKey: uuidv7(),
          modelAId,
          modelBId,
          policyId: isSelf ? "self-1" : "uniform",
          propensity: 0.5,
        },
      });
      const elo = { eloABefore: 1000, eloAAfter: 1000, eloBBefore: 1000, eloBAfter: 1000 };
      const voteId = uuidv7();
      await tx.vote.create({
        data: { id: voteId, battleId, visitorId, idempotencyKey: uuidv7(), outcome, turnCount: 1, ...elo },
      });
      const vote = { voteId, board: "blind" as const, modelAId, modelBId, outcome };
      const turns = [{ prompt: "What is 17 * 23?", a: "It is **391**.", b: "391" }];
      const facts = toVoteCategory({ ...vote, turns });
      await tx.voteCategory.create({ data: facts });
      await countVote(tx, { ...vote, visitorId, categories: facts.categories });
    });
  }
}

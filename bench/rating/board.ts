import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { closeDatabase, createDatabase, type Database, migrate, startEmbeddedPostgres } from "@/lib/db";
import { countVote, createLeaderboard } from "@/lib/leaderboard";
import { insertVotes } from "@/lib/leaderboard/test-support";
import { boardQuerySchema } from "@/lib/protocol";
import { cpuMs, summary } from "./timed";

type Options = { votes: number; models: number; rounds: number };

/** On an embedded PostgreSQL that is made for it and removed: from a vote's transaction to the board that shows it. */
export async function benchBoard({ votes, models, rounds }: Options): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), "arena-bench-"));
  const postgres = await startEmbeddedPostgres({
    directory: join(folder, "postgres"),
    password: "bench",
    isTemporary: true,
  });
  const db = createDatabase(postgres.superuserUrl);
  const logger = pino({ level: "warn" });
  const databaseUrl = postgres.superuserUrl;
  const leaderboard = createLeaderboard({ db, databaseUrl, logger, styleRefreshMs: 60_000, secret: "test" });
  try {
    await migrate(postgres.superuserUrl);
    process.stderr.write(`Writing ${votes} votes …\n`);
    await insertVotes(db, { models, votes });
    const query = boardQuerySchema.parse({});
    await leaderboard.answer(query);
    const whole: number[] = [];
    const refits: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const startedAt = performance.now();
      const vote = await castVote(db, round);
      const countedAt = performance.now();
      const cpuBefore = cpuMs();
      await leaderboard.effectOf(vote);
      const { body } = await leaderboard.answer(query);
      whole.push(performance.now() - startedAt);
      refits.push(performance.now() - countedAt);
      cpu.push(cpuMs() - cpuBefore);
      const shown = JSON.parse(body.toString()) as { votes: number };
      if (shown.votes !== votes + round + 1) throw new Error(`The board shows ${shown.votes} votes.`);
    }
    const answers: number[] = [];
    for (let round = 0; round < rounds * 20; round++) {
      const startedAt = performance.now();
      await leaderboard.answer(query);
      answers.push(performance.now() - startedAt);
    }
    const stored = `${votes} stored votes, ${models} models`;
    return [
      summary(`vote → refreshed board, ${stored}`, "≤ 250 ms", whole),
      summary("of which after the vote's transaction", "", refits, cpu),
      summary("board from memory", "≤ 5 ms", answers),
    ];
  } finally {
    await leaderboard.close();
    await closeDatabase(db);
    await postgres.stop({ hurry: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** A vote in four categories between two of the models, written as the arena does, less the battle's text. */
async function castVote(db: Database, round: number) {
  const [a, b] = await db.model.findMany({
    orderBy: { name: "asc" },
    skip: round,
    take: 2,
    select: { id: true },
  });
  if (a === undefined || b === undefined) throw new Error("More rounds than models.");
  const { id: visitorId } = await db.visitor.findFirstOrThrow({ select: { id: true } });
  const voteId = uuidv7();
  const categories = ["code", "first_turn", "hard_prompt", "lang_en"] as const;
  const pair = { modelAId: a.id, modelBId: b.id };
  await db.$transaction(async (tx) => {
    const battle = {
      id: uuidv7(),
      visitorId,
      idempotencyKey: voteId,
      ...pair,
      policyId: "uniform-1",
      propensity: 0.5,
    };
    await tx.battle.create({ data: battle });
    const elo = { eloABefore: 1000, eloAAfter: 1000, eloBBefore: 1000, eloBAfter: 1000 };
    const vote = { id: voteId, battleId: battle.id, visitorId, idempotencyKey: voteId, turnCount: 1, ...elo };
    await tx.vote.create({ data: { ...vote, outcome: "a" } });
    const sides = {
      tokensA: 9,
      tokensB: 9,
      headersA: 0,
      headersB: 0,
      boldA: 0,
      boldB: 0,
      listsA: 0,
      listsB: 0,
    };
    const facts = { voteId, board: "blind", rulesVersion: 1, language: "en", categories: [...categories] };
    await tx.voteCategory.create({ data: { ...facts, ...sides } });
    await countVote(tx, { voteId, board: "blind", categories, ...pair, visitorId, outcome: "a" });
  });
  return { board: "blind" as const, ...pair, outcome: "a" as const };
}

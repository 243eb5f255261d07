import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "@/lib/db";
import { createLeaderboard } from "@/lib/leaderboard";
import { appendChain, importVotes, withConnection } from "@/lib/votes";

/** Puts 600 judged votes into a migrated database, and rows with values that lose something in most formats. */
export async function fillSite(url: string, folder: string): Promise<void> {
  const votes = Array.from({ length: 600 }, (_, index) => ({
    question_id: `q${index}`,
    model_a: `m${index % 5}`,
    model_b: `m${(index * 3 + 1 + Math.floor(index / 5)) % 5}`,
    winner: ["model_a", "model_b", "tie", "tie (bothbad)"][(Math.imul(index, 2_654_435_761) >>> 9) % 4],
    judge: `arena_user_${index % 37}`,
    anony: true,
    tstamp: 1_682_351_591 + index,
  })).filter(({ model_a, model_b }) => model_a !== model_b);
  const path = join(folder, "votes.jsonl");
  await writeFile(path, votes.map((vote) => `${JSON.stringify(vote)}\n`).join(""));
  const connection = new Client({ connectionString: url });
  await connection.connect();
  await importVotes(connection, { file: path, source: "some", board: "judge" });
  await appendChain(connection);
  // Values that lose something in most formats.
  await connection.query(
    `INSERT INTO workers (id, instance_id, url, engine, version, device, slots, models, tokens_per_second)
     VALUES ($1, $1, E'tab\\t, "quotes", \\\\ and a line\\nbreak', '', '\\x00', '中文 👩‍👩‍👧', 1,
             '{"a": null, "b": [1.10, "\\u00e9"]}', 0.1::float8 + 0.2::float8)`,
    [uuidv7()],
  );
  await connection.query(
    "INSERT INTO visitors (id, created_at) VALUES ($1, '2026-01-01 00:00:00.123+05:30')",
    [uuidv7()],
  );
  await connection.end();
}

/** Every row of every table as PostgreSQL writes it, with every sequence. */
export async function contents(url: string): Promise<Record<string, string>> {
  return withConnection(url, async (connection) => {
    const { rows: tables } = await connection.query<{ name: string; kind: string }>(
      "SELECT relname AS name, relkind AS kind FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public' AND relkind IN ('r', 'S') AND relname <> '_prisma_migrations'",
    );
    const found: Record<string, string> = {};
    for (const { name, kind } of tables) {
      const columns = kind === "S" ? "(last_value, is_called)" : "t";
      const { rows } = await connection.query<{ text: string | null }>(
        `SELECT string_agg(${columns}::text, E'\\n' ORDER BY ${columns}::text) AS text FROM "${name}" t`,
      );
      found[name] = rows[0]?.text ?? "";
    }
    return found;
  });
}

/** The newest fit of a board, as a server shows it. */
export async function fitOf(at: { url: string; db: Database }, board: "judge" | "blind") {
  const logger = pino({ level: "silent" });
  const leaderboard = createLeaderboard({
    db: at.db,
    databaseUrl: at.url,
    secret: "0".repeat(32),
    logger,
    styleRefreshMs: 1_000,
  });
  try {
    return await leaderboard.latestFit({ board, category: "overall" });
  } finally {
    await leaderboard.close();
  }
}

import { createHmac, randomBytes } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { countImported } from "@/lib/leaderboard";
import { type Connection, inTransaction } from "./connection";
import type { Faults } from "./import/faults";
import type { ParsedVote } from "./import/parsed-vote";

/** A vote with the line of the file on which it stands and the board that will count it. */
export type StagedVote = ParsedVote & { line: number; board: string };

export type StoreResult = {
  /** Votes (not rows: a row may stand for many) that are new, by board. */
  added: Record<string, number>;
  /** Votes that an earlier run has stored. */
  known: number;
  /** Names of models that had no row before. */
  newModels: string[];
};

/** One import at a time: what is known already must not change between the look and the insert. */
const importLock = 7_302_003;

/**
 * Stores votes from elsewhere with their counts in one transaction: all of them, or, when `decide` throws, none. They
 * are streamed into a temporary table first, so that nothing grows with the file but the database.
 *
 * A vote with the id and the content of one that is stored is known and not counted again. Two votes of one id in the
 * file, or an id whose content has changed, are faults; `decide` sees all faults before anything is stored.
 */
export async function storeVotes(
  connection: Connection,
  sourceName: string,
  batches: AsyncIterable<readonly StagedVote[]>,
  faults: Faults,
  decide: () => void,
): Promise<StoreResult> {
  return inTransaction(connection, async () => {
    await connection.query("SELECT pg_advisory_xact_lock($1)", [importLock]);
    // Sorts of a million rows stay in memory.
    await connection.query("SET LOCAL work_mem = '256MB'");
    const source = await findSource(connection, sourceName);
    await connection.query(`
      CREATE TEMPORARY TABLE staged (line int, id uuid, external_id text, board text, voter_kind voter_kind,
        model_a_id uuid, model_b_id uuid, outcome outcome, count int, voter uuid,
        turn_count int, language text, cast_at timestamptz) ON COMMIT DROP`);
    const models = await readModels(connection);
    await stageAll(connection, batches, { models, voterKey: source.voterKey });
    await connection.query("ANALYZE staged");

    await dropFaulty(
      connection,
      faults,
      "the same id again",
      // The hashes find what is there twice, and only that is sorted.
      `SELECT ctid FROM (
         SELECT ctid, row_number() OVER (PARTITION BY external_id ORDER BY line) AS nth FROM staged
          WHERE external_id IN (SELECT external_id FROM staged GROUP BY external_id HAVING count(*) > 1)) AS copies
        WHERE nth > 1`,
    );
    const newModels = await storeNewModels(connection, models);
    await dropFaulty(
      connection,
      faults,
      "not what is stored under this id",
      `SELECT staged.ctid FROM staged JOIN external_votes stored
           ON stored.source_id = '${source.id}' AND stored.external_id = staged.external_id
        WHERE (stored.board, stored.model_a_id, stored.model_b_id, stored.outcome, stored.count)
              IS DISTINCT FROM (staged.board, staged.model_a_id, staged.model_b_id, staged.outcome, staged.count)`,
    );
    decide();

    const { rows: known } = await connection.query<{ votes: string }>(
      `WITH known AS (
         DELETE FROM staged USING external_votes stored
          WHERE stored.source_id = $1 AND stored.external_id = staged.external_id RETURNING staged.count)
       SELECT coalesce(sum(count), 0) AS votes FROM known`,
      [source.id],
    );
    const newVoters = await countNewVoters(connection, source.id);
    const { rows: added } = await connection.query<{ board: string; votes: string }>(
      "SELECT board, sum(count) AS votes FROM staged GROUP BY board ORDER BY board",
    );
    await connection.query(
      `INSERT INTO external_votes (id, source_id, external_id, board, voter_kind, model_a_id, model_b_id, outcome, count,
         voter, turn_count, language, cast_at)
       SELECT id, $1, external_id, board, voter_kind, model_a_id, model_b_id, outcome, count, voter, turn_count, language,
         cast_at FROM staged ORDER BY line`,
      [source.id],
    );
    await countImported(connection, "staged", newVoters);
    return {
      added: Object.fromEntries(added.map(({ board, votes }) => [board, Number(votes)])),
      known: Number(known[0]?.votes ?? 0),
      newModels,
    };
  });
}

async function findSource(connection: Connection, name: string): Promise<{ id: string; voterKey: Buffer }> {
  await connection.query(
    "INSERT INTO vote_sources (id, name, voter_key) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
    [uuidv7(), name, randomBytes(32)],
  );
  const { rows } = await connection.query<{ id: string; voterKey: Buffer }>(
    `SELECT id, voter_key AS "voterKey" FROM vote_sources WHERE name = $1`,
    [name],
  );
  return rows[0] as { id: string; voterKey: Buffer };
}

/** Models by name; those that have no row yet have been given the id that they will have. */
type Models = { known: Map<string, string>; fresh: Map<string, string> };

type Staging = { models: Models; voterKey: Buffer };

/** Reads the next batch while the database takes the one before. */
async function stageAll(
  connection: Connection,
  batches: AsyncIterable<readonly StagedVote[]>,
  staging: Staging,
): Promise<void> {
  const iterator = batches[Symbol.asyncIterator]();
  try {
    let next = await iterator.next();
    while (next.done !== true) {
      const batch = next.value;
      [next] = await Promise.all([iterator.next(), stage(connection, batch, staging)]);
    }
  } finally {
    // The file is closed, also where the database was at fault.
    await iterator.return?.();
  }
}

/** Parallel arrays, one a column: what `unnest` makes rows of. */
async function stage(
  connection: Connection,
  votes: readonly StagedVote[],
  { models, voterKey }: Staging,
): Promise<void> {
  await connection.query(
    `INSERT INTO staged (line, id, external_id, board, voter_kind, model_a_id, model_b_id, outcome, count, voter,
       turn_count, language, cast_at)
     SELECT * FROM unnest($1::int[], $2::uuid[], $3::text[], $4::text[], $5::voter_kind[], $6::uuid[], $7::uuid[],
       $8::outcome[], $9::int[], $10::uuid[], $11::int[], $12::text[], $13::timestamptz[])`,
    [
      plainArray(votes.map((vote) => vote.line)),
      plainArray(votes.map(() => uuidv7())),
      votes.map((vote) => vote.externalId),
      votes.map((vote) => vote.board),
      plainArray(votes.map((vote) => vote.voterKind)),
      plainArray(votes.map((vote) => idOf(models, vote.modelA))),
      plainArray(votes.map((vote) => idOf(models, vote.modelB))),
      plainArray(votes.map((vote) => vote.outcome)),
      plainArray(votes.map((vote) => vote.count)),
      plainArray(votes.map((vote) => (vote.voter === null ? null : pseudonym(voterKey, vote.voter)))),
      plainArray(votes.map((vote) => vote.turnCount)),
      votes.map((vote) => vote.language),
      plainArray(votes.map((vote) => vote.castAt?.toISOString() ?? null)),
    ],
  );
}

/** PostgreSQL's form of an array whose elements need no quotes: numbers, ids, times, words of ours. */
function plainArray(elements: readonly (string | number | null)[]): string {
  return `{${elements.map((element) => element ?? "NULL").join()}}`;
}

function idOf({ known, fresh }: Models, name: string): string {
  const id = known.get(name) ?? fresh.get(name);
  if (id !== undefined) return id;
  const made = uuidv7();
  fresh.set(name, made);
  return made;
}

/** Half of an HMAC-SHA256, written as a UUID: what is stored of a voter's name. */
function pseudonym(key: Buffer, voter: string): string {
  return createHmac("sha256", key).update(voter).digest("hex").slice(0, 32);
}

/** Takes rows out of the staged ones and reports their lines. `find` selects their ctids. */
async function dropFaulty(
  connection: Connection,
  faults: Faults,
  reason: string,
  find: string,
): Promise<void> {
  const { rows } = await connection.query<{ line: number; total: string }>(
    `WITH dropped AS (DELETE FROM staged WHERE ctid IN (${find}) RETURNING line)
     SELECT line, count(*) OVER () AS total FROM dropped ORDER BY line LIMIT 20`,
  );
  faults.addMany(
    reason,
    rows.map(({ line }) => line),
    Number(rows[0]?.total ?? 0),
  );
}

async function readModels(connection: Connection): Promise<Models> {
  const { rows } = await connection.query<{ id: string; name: string }>("SELECT id, name FROM models");
  return { known: new Map(rows.map(({ id, name }) => [name, id])), fresh: new Map() };
}

/**
 * Gives the models that no worker has offered a row, retired: known, but not to be drawn. Returns their names. One that a
 * worker has offered meanwhile has another id than the votes were given, which then get it.
 */
async function storeNewModels(connection: Connection, { fresh }: Models): Promise<string[]> {
  // Those of which all votes were faulty are not there.
  const { rows: used } = await connection.query<{ name: string; id: string }>(
    `SELECT name, id FROM unnest($1::uuid[], $2::text[]) AS fresh (id, name)
      WHERE id IN (SELECT model_a_id FROM staged UNION SELECT model_b_id FROM staged) ORDER BY name`,
    [[...fresh.values()], [...fresh.keys()]],
  );
  const names = used.map(({ name }) => name);
  const { rows: made } = await connection.query<{ name: string }>(
    `INSERT INTO models (id, name, display_name, tags, stage)
     SELECT id, name, name, ARRAY['imported'], 'retired' FROM unnest($1::uuid[], $2::text[]) AS fresh (id, name)
     ON CONFLICT (name) DO NOTHING RETURNING name`,
    [used.map(({ id }) => id), names],
  );
  const isMade = new Set(made.map(({ name }) => name));
  for (const { id, name } of used) {
    if (isMade.has(name)) continue;
    for (const column of ["model_a_id", "model_b_id"]) {
      await connection.query(
        `UPDATE staged SET ${column} = models.id FROM models WHERE models.name = $2 AND staged.${column} = $1`,
        [id, name],
      );
    }
  }
  return made.map(({ name }) => name).sort();
}

/** How many voters of each staged board have no stored vote there. */
async function countNewVoters(connection: Connection, sourceId: string): Promise<Map<string, number>> {
  const { rows } = await connection.query<{ board: string; voters: string }>(
    `SELECT fresh.board, count(fresh.voter) FILTER (WHERE seen.voter IS NULL) AS voters
       FROM (SELECT DISTINCT board, voter FROM staged) AS fresh
       LEFT JOIN (SELECT DISTINCT board, voter FROM external_votes WHERE source_id = $1) AS seen
         ON seen.board = fresh.board AND seen.voter = fresh.voter
      GROUP BY fresh.board`,
    [sourceId],
  );
  return new Map(rows.map(({ board, voters }) => [board, Number(voters)]));
}

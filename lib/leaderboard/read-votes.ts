import { createHash, createHmac } from "node:crypto";
import { Client } from "pg";
import { encodeVoteColumns, unknownLanguage, type VoteColumns } from "@/lib/fork";
import { namedCategories } from "@/lib/protocol";
import { OUTCOMES } from "@/lib/rating";
import type { BoardKey } from "./board-fits";
import { overallCategory } from "./count-vote";

/** Rows that are fetched at a time. */
const fetchRows = 20_000;

const categories = namedCategories.filter((name) => name !== overallCategory);

/** Limits of the columns of a file of votes. */
const most = { tokens: 65_535, other: 255 } as const;

/** Votes of a board by column, as they are published; `modelIds` belong to `models`. */
export type BoardVotes = {
  modelIds: string[];
  votes: VoteColumns;
  body: Uint8Array;
  sha256: string;
  /** Of the board's `overall`. */
  revision: number;
};

/**
 * Reads the votes of a board that were cast on this site, of one category or all, as of one moment: every board with
 * style control and every file of votes is made from this. Rows are sorted by models, then by pseudonyms that are dealt
 * by the site's secret, anew whenever the board has changed: nothing tells when a vote was cast, and two releases cannot
 * be joined by a voter's number. Seconds for millions of votes.
 *
 * The same votes give the same bytes, whenever they are read. With `asOf`, an earlier revision of the board's `overall`,
 * the votes that counted then: the same bytes as then, unless categories were found anew or voters joined since.
 *
 * Errors: those of the database; the signal's reason.
 */
export async function readVotes(
  databaseUrl: string,
  secret: string,
  { board, category }: BoardKey,
  signal: AbortSignal,
  asOf: number | null = null,
): Promise<BoardVotes> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const places = new Numbering();
  const languages = new Numbering();
  const voters = new Numbering();
  const columns = Array.from({ length: 14 }, () => new Column());
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const { rows: revisions } = await client.query<{ revision: string }>(
      "SELECT revision FROM category_totals WHERE board = $1 AND category = $2",
      [board, overallCategory],
    );
    const revision = asOf ?? Number(revisions[0]?.revision ?? 0);
    await client.query(
      `DECLARE board_votes NO SCROLL CURSOR FOR
       WITH later AS (
         SELECT vote_id, sum(change) AS change FROM vote_moves WHERE board = $1 AND revision > $3 GROUP BY vote_id
       )
       SELECT model_a_id, model_b_id, outcome, language, categories, COALESCE(visitors.merged_into_id, visitors.id),
         tokens_a, tokens_b, headers_a, headers_b, bold_a, bold_b, lists_a, lists_b
       FROM vote_categories
         JOIN votes ON votes.id = vote_id
         JOIN battles ON battles.id = battle_id
         JOIN visitors ON visitors.id = votes.visitor_id
         LEFT JOIN excluded_votes AS excluded ON excluded.vote_id = votes.id
         LEFT JOIN later ON later.vote_id = votes.id
       WHERE board = $1 AND ($2 = '${overallCategory}' OR $2 = ANY (categories))
         AND CASE WHEN excluded.vote_id IS NULL THEN 1 ELSE 0 END - COALESCE(later.change, 0) = 1`,
      [board, category, revision],
    );
    for (;;) {
      signal.throwIfAborted();
      const { rows } = await client.query<unknown[]>({
        text: `FETCH ${fetchRows} FROM board_votes`,
        rowMode: "array",
      });
      for (const row of rows) {
        const numbers = [
          places.of(String(row[0])),
          places.of(String(row[1])),
          (OUTCOMES as readonly unknown[]).indexOf(row[2]),
          row[3] === null ? -1 : languages.of(String(row[3])),
          bitsOf(row[4] as readonly string[]),
          voters.of(String(row[5])),
          ...row.slice(6).map((value, at) => Math.min(Number(value), at < 2 ? most.tokens : most.other)),
        ];
        columns.forEach((column, at) => {
          column.push(numbers[at] as number);
        });
      }
      if (rows.length < fetchRows) break;
    }
    const { rows: models } = await client.query<{ id: string; name: string }>(
      `SELECT id, name FROM models WHERE id = ANY ($1) ORDER BY name COLLATE "C"`,
      [places.names],
    );
    await client.query("COMMIT");
    const key = createHmac("sha256", secret).update(`votes of ${board} at ${revision}`).digest();
    const votes = arrange({ board, models, places, languages, voters, columns, key });
    const body = encodeVoteColumns(votes);
    const sha256 = createHash("sha256").update(body).digest("hex");
    return { modelIds: models.map(({ id }) => id), votes, body, sha256, revision };
  } finally {
    await client.end();
  }
}

type Raw = {
  board: VoteColumns["board"];
  /** Sorted by name. */
  models: readonly { id: string; name: string }[];
  places: Numbering;
  languages: Numbering;
  voters: Numbering;
  columns: readonly Column[];
  key: Buffer;
};

/** Brings the votes into an order and to numbers that they alone decide, and not the order in which they were read. */
function arrange({ board, models, places, languages, voters, columns, key }: Raw): VoteColumns {
  const pseudonyms = dealPseudonyms(voters.names, key);
  const [readA, readB, outcome, readLanguage, bits, voter, ...style] = columns.map(
    (column) => column.values,
  ) as [Int32Array, ...Int32Array[]];
  const place = new Map(models.map(({ id }, at) => [id, at]));
  const placeOf = Int32Array.from(places.names, (id) => place.get(id) ?? 0);
  const a = readA.map((model) => placeOf[model] as number);
  const b = (readB as Int32Array).map((model) => placeOf[model] as number);
  const languageNames = [...languages.names].sort();
  const languageOf = Int32Array.from(languages.names, (name) =>
    Math.min(languageNames.indexOf(name), unknownLanguage),
  );
  const language = (readLanguage as Int32Array).map((one) =>
    one < 0 ? unknownLanguage : (languageOf[one] as number),
  );
  const size = a.length;
  const owner = Int32Array.from(voter as Int32Array, (number) => pseudonyms[number] as number);
  // Two stable sorts, the finer key first.
  const byVoter = sortByKey(
    Uint32Array.from({ length: size }, (_, row) => row),
    owner,
    voters.names.length,
  );
  const pair = a.map((left, row) => left * models.length + (b[row] as number));
  const order = sortByKey(byVoter, pair, models.length ** 2);
  sortRuns(
    order,
    (row) => (pair[row] as number) * voters.names.length + (owner[row] as number),
    [outcome, language, bits, ...style].filter((column) => column !== undefined),
  );
  const take = (column: Int32Array | undefined, into: Uint8Array | Uint16Array | Uint32Array) => {
    order.forEach((row, at) => {
      into[at] = column?.[row] as number;
    });
  };
  const votes: VoteColumns = {
    ...{ board, size, voters: voters.names.length },
    models: models.map(({ name }) => name),
    languages: languageNames.slice(0, unknownLanguage),
    categories,
    ...{ a: new Uint16Array(size), b: new Uint16Array(size), outcome: new Uint8Array(size) },
    ...{ categoryBits: new Uint16Array(size), language: new Uint8Array(size) },
    ...{ tokensA: new Uint16Array(size), tokensB: new Uint16Array(size) },
    ...{ headersA: new Uint8Array(size), headersB: new Uint8Array(size) },
    ...{ boldA: new Uint8Array(size), boldB: new Uint8Array(size) },
    ...{ listsA: new Uint8Array(size), listsB: new Uint8Array(size), voter: new Uint32Array(size) },
  };
  take(a, votes.a);
  take(b, votes.b);
  take(outcome, votes.outcome);
  take(language, votes.language);
  take(bits, votes.categoryBits);
  take(owner, votes.voter);
  const features = [
    "tokensA",
    "tokensB",
    "headersA",
    "headersB",
    "boldA",
    "boldB",
    "listsA",
    "listsB",
  ] as const;
  features.forEach((name, at) => {
    take(style[at], votes[name]);
  });
  return votes;
}

/** A number for each voter, in an order that the key alone decides. */
function dealPseudonyms(names: readonly string[], key: Buffer): Int32Array {
  const hashes = names.map((name) => createHmac("sha256", key).update(name).digest("base64"));
  const order = names.map((_, at) => at).sort((x, y) => ((hashes[x] ?? "") < (hashes[y] ?? "") ? -1 : 1));
  const pseudonyms = new Int32Array(names.length);
  order.forEach((at, number) => {
    pseudonyms[at] = number;
  });
  return pseudonyms;
}

/** Counting sort of rows by a key in 0 … keys − 1; stable. */
function sortByKey(rows: Uint32Array, key: Int32Array, keys: number): Uint32Array {
  const next = new Uint32Array(keys + 1);
  for (const row of rows) {
    const at = (key[row] as number) + 1;
    next[at] = (next[at] as number) + 1;
  }
  for (let at = 0; at < keys; at++) next[at + 1] = (next[at + 1] as number) + (next[at] as number);
  const sorted = new Uint32Array(rows.length);
  for (const row of rows) {
    const at = key[row] as number;
    sorted[next[at] as number] = row;
    next[at] = (next[at] as number) + 1;
  }
  return sorted;
}

/** Sorts rows that have the same key, which stand together, by the columns. */
function sortRuns(order: Uint32Array, keyOf: (row: number) => number, columns: readonly Int32Array[]): void {
  const compare = (x: number, y: number): number => {
    for (const column of columns) {
      const difference = (column[x] as number) - (column[y] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  for (let start = 0; start < order.length; ) {
    const key = keyOf(order[start] as number);
    let end = start + 1;
    while (end < order.length && keyOf(order[end] as number) === key) end++;
    if (end - start > 1) order.subarray(start, end).sort(compare);
    start = end;
  }
}

function bitsOf(names: readonly string[]): number {
  return categories.reduce((bits, name, bit) => (names.includes(name) ? bits | (1 << bit) : bits), 0);
}

/** A column that grows. */
class Column {
  #values = new Int32Array(1024);
  #size = 0;

  push(value: number): void {
    if (this.#size === this.#values.length) {
      const larger = new Int32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#size++] = value;
  }

  get values(): Int32Array {
    return this.#values.subarray(0, this.#size);
  }
}

/** Numbers for names, in the order in which they come. */
class Numbering {
  readonly #numbers = new Map<string, number>();

  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  get names(): string[] {
    return [...this.#numbers.keys()];
  }
}

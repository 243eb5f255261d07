import { createHash } from "node:crypto";
import { Client } from "pg";
import type { StyleEffect } from "@/lib/protocol";
import {
  type Covariate,
  fitStyleBoard,
  OUTCOMES,
  positionCovariate,
  RatingError,
  styleCovariate,
  type VoteTable,
} from "@/lib/rating";
import type { BoardKey } from "./board-fits";
import type { FittedRow } from "./board-view";

/** Raised when a change of the code may change a fit of the same votes. */
export const styleFitVersion = "style-1";

export const styleParameters = {
  model: "bradley-terry",
  ties: "half",
  meanScore: 1000,
  covariates: ["tokens", "headers", "bold", "lists", "position"],
  interval: "sandwich-95-by-voter",
} as const;

const features = ["tokens", "headers", "bold", "lists"] as const;
type Feature = (typeof features)[number];

export type StyleFitResult = {
  rows: FittedRow[];
  effects: StyleEffect[];
  votes: number;
  voters: number;
  inputsHash: string;
  converged: boolean;
};

/** Rows that are fetched at a time. */
const fetchRows = 20_000;

/** The votes of a board by column, in the order of their ids. */
type StyleVotes = {
  modelIds: string[];
  votes: VoteTable;
  voters: Int32Array;
  voterCount: number;
  sides: Record<Feature, { a: Int32Array; b: Int32Array }>;
};

/**
 * Reads every vote that counts on a board and category with the style of its answers, and fits the board with style and side held
 * equal. Takes seconds for millions of votes, so it runs in a thread of its own: see `background-work`. Null where the
 * votes do not determine it. Errors: those of the database; `RatingError` for what is no vote data.
 */
export async function fitStyle(databaseUrl: string, key: BoardKey): Promise<StyleFitResult | null> {
  const read = await readVotes(databaseUrl, key);
  const { votes, modelIds, voters, sides } = read;
  if (votes.size === 0) return null;
  const covariates: Covariate[] = [positionCovariate(votes.size)];
  for (const name of features) {
    try {
      covariates.push(styleCovariate(name, sides[name].a, sides[name].b));
    } catch (error) {
      // A feature that is the same in all votes says nothing and cannot be held equal.
      if (!(error instanceof RatingError && error.code === "bad_covariates")) throw error;
    }
  }
  try {
    const board = fitStyleBoard(votes, covariates, { voters });
    return {
      rows: board.rows.map(({ model, ...row }) => ({ modelId: modelIds[model] ?? "", ...row })),
      effects: board.effects.map(({ name, gamma, lower, upper }) => ({
        ...{ name: name as StyleEffect["name"], gamma, lower, upper },
      })),
      votes: votes.size,
      voters: read.voterCount,
      inputsHash: hashOf(read),
      converged: board.converged,
    };
  } catch (error) {
    if (error instanceof RatingError && isUndetermined(error)) return null;
    throw error;
  }
}

function isUndetermined(error: RatingError): boolean {
  return error.code === "bad_covariates" || error.code === "no_finite_maximum";
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

async function readVotes(databaseUrl: string, { board, category }: BoardKey): Promise<StyleVotes> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const models = new Numbering();
  const voterNumbers = new Numbering();
  const [a, b, outcome, voters] = [new Column(), new Column(), new Column(), new Column()];
  const columns = features.flatMap(() => [new Column(), new Column()]);
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query(
      `DECLARE style_votes NO SCROLL CURSOR FOR
       SELECT model_a_id, model_b_id, outcome, COALESCE(visitors.merged_into_id, visitors.id),
         tokens_a, tokens_b, headers_a, headers_b, bold_a, bold_b, lists_a, lists_b
       FROM vote_categories
         JOIN votes ON votes.id = vote_id
         JOIN battles ON battles.id = battle_id
         JOIN visitors ON visitors.id = votes.visitor_id
       WHERE board = $1 AND ($2 = 'overall' OR $2 = ANY (categories))
         AND NOT EXISTS (SELECT FROM excluded_votes WHERE excluded_votes.vote_id = votes.id)
       ORDER BY vote_id`,
      [board, category],
    );
    for (;;) {
      const { rows } = await client.query<unknown[]>({
        text: `FETCH ${fetchRows} FROM style_votes`,
        rowMode: "array",
      });
      for (const row of rows) {
        a.push(models.of(String(row[0])));
        b.push(models.of(String(row[1])));
        outcome.push((OUTCOMES as readonly unknown[]).indexOf(row[2]));
        voters.push(voterNumbers.of(String(row[3])));
        columns.forEach((column, at) => {
          column.push(Number(row[4 + at]));
        });
      }
      if (rows.length < fetchRows) break;
    }
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
  const pairOf = (at: number) => ({
    a: (columns[2 * at] as Column).values,
    b: (columns[2 * at + 1] as Column).values,
  });
  const modelIds = models.names;
  return {
    modelIds,
    votes: {
      modelCount: Math.max(modelIds.length, 1),
      size: a.values.length,
      a: a.values,
      b: b.values,
      outcome: Uint8Array.from(outcome.values),
    },
    voters: voters.values,
    voterCount: voterNumbers.names.length,
    sides: { tokens: pairOf(0), headers: pairOf(1), bold: pairOf(2), lists: pairOf(3) },
  };
}

/** SHA-256 of what was fitted, in the order of the votes. */
function hashOf({ modelIds, votes, voters, sides }: StyleVotes): string {
  const hash = createHash("sha256").update(JSON.stringify(modelIds));
  const columns = [
    votes.a,
    votes.b,
    votes.outcome,
    voters,
    ...features.flatMap((name) => [sides[name].a, sides[name].b]),
  ];
  for (const column of columns)
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return hash.digest("hex");
}

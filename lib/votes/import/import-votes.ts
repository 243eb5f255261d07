import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { blindBoard, selfBoard } from "@/lib/leaderboard";
import { parseInput } from "@/lib/protocol";
import { appendChain } from "../chain/append-chain";
import type { Connection } from "../connection";
import { type StagedVote, type StoreResult, storeVotes } from "../store-votes";
import { describeFault, type Fault, Faults } from "./faults";
import { type FormatName, formatNames, parseAs, readTable, recogniseFormat } from "./formats";
import { nameSchema, type Parsed, type ParsedVote, type VoteKind } from "./parsed-vote";
import { readRecords } from "./read-records";

export const importOptionsSchema = z.strictObject({
  file: z.string().min(1),
  /** Names the data set; ids are unique within it. */
  source: nameSchema.regex(/^[^|\s]+$/, "may not hold spaces or |"),
  format: z.enum(["auto", ...formatNames]).default("auto"),
  /** Where the votes count. Unset: on a board of their own, `imported:<source>`. */
  board: nameSchema.refine((board) => board !== selfBoard, "is for models against themselves").optional(),
  /** Leave faulty records out instead of refusing the file. */
  skipFaulty: z.boolean().default(false),
});
export type ImportOptions = z.input<typeof importOptionsSchema>;

export type ImportReport = StoreResult & {
  format: FormatName;
  /** Records read, faulty ones included. */
  records: number;
  /** Records that are no votes, by what they are. */
  ignored: Record<string, number>;
  /** Records that were left out. */
  faults: Fault[];
  /** Votes that got their place in the chain. */
  chained: number;
};

/** Larger ones outlive the collector's young generation, which costs more than the further queries. */
const batchSize = 1_000;

/**
 * Imports a file of votes: all of it, or nothing. A repeated import, or one of a longer file, adds what is new. Memory does
 * not grow with the file (a table of pair counts, which is one JSON value, is read whole).
 *
 * Errors: `invalid_request` that lists what is wrong by line, unless `skipFaulty`; `not_found` without the file.
 */
export async function importVotes(
  connection: Connection,
  options: ImportOptions,
  signal?: AbortSignal,
): Promise<ImportReport> {
  const { file, source, format, board, skipFaulty } = parseInput(importOptionsSchema, options);
  const found = await stat(file).catch((cause: unknown) => {
    throw new AppError("not_found", { message: `There is no file ${file}.`, cause });
  });
  if (!found.isFile()) throw new AppError("invalid_request", { message: `${file} is not a file.` });
  const chosen = format === "auto" ? await recogniseFormat(file) : format;
  const faults = new Faults();
  const ignored: Record<string, number> = {};
  let records = 0;

  async function* parsed(): AsyncGenerator<{ line: number; result: Parsed }> {
    if (chosen === "pair-table") {
      yield { line: 1, result: await readTable(file) };
      return;
    }
    for await (const record of readRecords(createReadStream(file, { highWaterMark: 1 << 20, signal }))) {
      yield {
        line: record.line,
        result: record.fault === undefined ? parseJson(chosen, record.text) : { fault: record.fault },
      };
    }
  }

  async function* batches(): AsyncGenerator<StagedVote[]> {
    let batch: StagedVote[] = [];
    for await (const { line, result } of parsed()) {
      records += 1;
      if ("fault" in result) faults.add(result.fault, line);
      else if ("ignored" in result) ignored[result.ignored] = (ignored[result.ignored] ?? 0) + 1;
      else
        for (const vote of result.votes) {
          const fault = faultOfVote(vote);
          if (fault !== null) faults.add(fault, line);
          else batch.push({ ...vote, line, board: boardOf(vote.kind, board ?? `imported:${source}`) });
        }
      if (batch.length >= batchSize) {
        signal?.throwIfAborted();
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  const refuseFaulty = () => {
    if (faults.total === 0 || skipFaulty) return;
    const lines = faults.list().map((fault) => `  ${describeFault(fault)}`);
    throw new AppError("invalid_request", {
      message: `Nothing was imported. ${faults.total} of ${records} records are faulty:\n${lines.join("\n")}`,
      details: { faults: faults.list() },
    });
  };
  const stored = await storeVotes(connection, source, batches(), faults, refuseFaulty);
  const chained = await appendChain(connection, signal);
  return { ...stored, format: chosen, records, ignored, faults: faults.list(), chained };
}

function parseJson(format: Exclude<FormatName, "pair-table">, text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: "not JSON" };
  }
  return parseAs(format, value);
}

function faultOfVote({ modelA, modelB, externalId }: ParsedVote): string | null {
  if (modelA === modelB) return "a model against itself";
  // A key of PostgreSQL's index; no data set has such ids.
  return Buffer.byteLength(externalId) > 1_000 ? "an id of more than 1000 bytes" : null;
}

/** Blind, named and judges' votes are never mixed: the last two get boards beside the one that was asked for. */
function boardOf(kind: VoteKind, board: string): string {
  if (kind === "blind") return board;
  if (board === blindBoard) return kind === "named" ? "compare" : "judge";
  return `${board}:${kind}`;
}

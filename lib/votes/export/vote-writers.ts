import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { type BasicType, fileWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { ExportedLine, ExportedVote } from "./exported-vote";

export const exportFormats = ["jsonl", "csv", "parquet"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Writes the votes of a release into one file. */
export type VoteWriter = {
  write(lines: readonly ExportedLine[]): Promise<void>;
  /** Ends the file. */
  finish(): Promise<void>;
  /** Lets go of the file, finished or not. */
  close(): Promise<void>;
};

/** Columns of the flat formats, which leave withheld votes out. */
const columns = [
  { name: "seq", type: "INT64", isNullable: false },
  { name: "board", type: "STRING", isNullable: false },
  { name: "source", type: "STRING", isNullable: true },
  { name: "externalId", type: "STRING", isNullable: true },
  { name: "modelA", type: "STRING", isNullable: false },
  { name: "modelB", type: "STRING", isNullable: false },
  { name: "outcome", type: "STRING", isNullable: false },
  { name: "count", type: "INT32", isNullable: false },
  { name: "voterKind", type: "STRING", isNullable: false },
  { name: "voter", type: "STRING", isNullable: true },
  { name: "castAt", type: "TIMESTAMP", isNullable: true },
  { name: "turnCount", type: "INT32", isNullable: true },
  { name: "policy", type: "STRING", isNullable: true },
  { name: "propensity", type: "DOUBLE", isNullable: true },
  { name: "excluded", type: "STRING", isNullable: false },
  { name: "voterCommitment", type: "STRING", isNullable: false },
  { name: "recordHash", type: "STRING", isNullable: false },
  { name: "hash", type: "STRING", isNullable: false },
] as const satisfies readonly { name: keyof ExportedVote; type: BasicType; isNullable: boolean }[];

export async function openVoteWriter(folder: string, format: ExportFormat): Promise<VoteWriter> {
  const path = join(folder, `votes.${format}`);
  if (format === "parquet") return parquetWriter(path);
  const file = await open(path, "wx");
  if (format === "jsonl") return textWriter(file, (line) => `${JSON.stringify(line)}\n`);
  const header = `${columns.map(({ name }) => name).join(",")}\r\n`;
  await file.write(header);
  return textWriter(file, (line) =>
    "withheld" in line ? "" : `${columns.map(({ name }) => csvCell(cellOf(line, name))).join(",")}\r\n`,
  );
}

function textWriter(file: FileHandle, toText: (line: ExportedLine) => string): VoteWriter {
  return {
    write: async (lines) => {
      await file.appendFile(lines.map(toText).join(""));
    },
    finish: () => file.sync(),
    close: () => file.close(),
  };
}

/** Reasons stand in one cell, with spaces between them. */
function cellOf(vote: ExportedVote, name: keyof ExportedVote): string | number | null {
  return name === "excluded" ? vote.excluded.join(" ") : vote[name];
}

/** RFC 4180. A name that begins like a formula would be run by a spreadsheet, so it gets an apostrophe (OWASP's advice). */
function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A row group for each batch of votes. */
function parquetWriter(path: string): VoteWriter {
  const toColumn = (
    votes: readonly ExportedVote[],
    { name, type, isNullable }: (typeof columns)[number],
  ) => ({
    name,
    type,
    nullable: isNullable,
    data: votes.map((vote) => {
      const value = cellOf(vote, name);
      if (value === null) return null;
      if (type === "INT64") return BigInt(value);
      return type === "TIMESTAMP" ? new Date(value) : value;
    }),
  });
  const schema = schemaFromColumnData({ columnData: columns.map((column) => toColumn([], column)) });
  const writer = new ParquetWriter({ writer: fileWriter(path), schema });
  return {
    async write(lines) {
      const votes = lines.filter((line): line is ExportedVote => !("withheld" in line));
      if (votes.length === 0) return;
      writer.write({
        columnData: columns.map((column) => toColumn(votes, column)),
        rowGroupSize: votes.length,
      });
    },
    finish: async () => {
      writer.finish();
    },
    // The library opens the file for each of its writes and closes it again.
    close: async () => undefined,
  };
}

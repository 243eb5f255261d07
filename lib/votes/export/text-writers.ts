import { open } from "node:fs/promises";
import { join } from "node:path";
import { type BasicType, fileWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { ExportedText } from "./published-texts";
import type { ExportFormat } from "./vote-writers";

type TextWriter = {
  write(texts: readonly ExportedText[]): Promise<void>;
  finish(): Promise<void>;
  close(): Promise<void>;
};

const columns = [
  { name: "seq", type: "INT64" },
  { name: "board", type: "STRING" },
  { name: "modelA", type: "STRING" },
  { name: "modelB", type: "STRING" },
  { name: "outcome", type: "STRING" },
  { name: "language", type: "STRING" },
  { name: "hiddenFinds", type: "INT32" },
  { name: "turns", type: "JSON" },
] as const satisfies readonly { name: keyof ExportedText; type: BasicType }[];

/** Conversations are trees, so there is no CSV of them. */
export const hasTexts = (format: ExportFormat): format is "jsonl" | "parquet" => format !== "csv";

/** Writes the texts of a release into \`texts.jsonl\` or \`texts.parquet\`. */
export async function openTextWriter(folder: string, format: "jsonl" | "parquet"): Promise<TextWriter> {
  const path = join(folder, `texts.${format}`);
  if (format === "parquet") return parquetWriter(path);
  const file = await open(path, "wx");
  return {
    write: async (texts) => {
      await file.appendFile(texts.map((text) => `${JSON.stringify(text)}\n`).join(""));
    },
    finish: () => file.sync(),
    close: () => file.close(),
  };
}

function parquetWriter(path: string): TextWriter {
  const toColumn = (texts: readonly ExportedText[], { name, type }: (typeof columns)[number]) => ({
    ...{ name, type, nullable: name === "language" },
    data: texts.map((text) => (name === "seq" ? BigInt(text.seq) : text[name])),
  });
  const schema = schemaFromColumnData({ columnData: columns.map((column) => toColumn([], column)) });
  const writer = new ParquetWriter({ writer: fileWriter(path), schema });
  return {
    async write(texts) {
      writer.write({
        columnData: columns.map((column) => toColumn(texts, column)),
        rowGroupSize: texts.length,
      });
    },
    finish: async () => {
      writer.finish();
    },
    // The library opens the file for each of its writes and closes it again.
    close: async () => undefined,
  };
}

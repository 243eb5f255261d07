import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { AppError } from "@/lib/errors";
import type { Parsed } from "../parsed-vote";
import { readRecords } from "../read-records";
import { parseArena } from "./arena";
import { parseFastChat } from "./fastchat";
import { parseLmsys } from "./lmsys";
import { parsePair, parsePairTable } from "./pairs";

/** `pair-table` is one JSON value; the others have a record for each vote or pair. */
export const formatNames = ["lmsys", "fastchat", "pairs", "pair-table", "arena"] as const;
export type FormatName = (typeof formatNames)[number];

const parsers = { lmsys: parseLmsys, fastchat: parseFastChat, pairs: parsePair, arena: parseArena };

export function parseAs(format: keyof typeof parsers, value: unknown): Parsed {
  return parsers[format](value);
}

/** Fields that only this format has. */
const marks: readonly [FormatName, string][] = [
  ["arena", "recordHash"],
  ["lmsys", "winner"],
  ["pairs", "win_a"],
  ["fastchat", "states"],
  ["fastchat", "tstamp"],
];

/** A table of pair counts is read whole. 129 models have 100 kB. */
const maxTableBytes = 64 * 1024 * 1024;

/** Errors: `invalid_request` when the first records are of no known format. */
export async function recogniseFormat(file: string): Promise<FormatName> {
  const stream = createReadStream(file);
  try {
    let seen = 0;
    for await (const { text } of readRecords(stream)) {
      const found = formatOf(text ?? "");
      if (found !== null) return found;
      seen += 1;
      if (seen === 20) break;
    }
  } finally {
    stream.destroy();
  }
  if (await isTable(file)) return "pair-table";
  throw new AppError("invalid_request", {
    message: `The format of ${file} is not known. --format names it: ${formatNames.join(", ")}.`,
  });
}

function formatOf(text: string): FormatName | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Faulty lines are told by line when the file is read.
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  if (Object.hasOwn(value, "X") && Object.hasOwn(value, "Y")) return "pair-table";
  return marks.find(([, field]) => Object.hasOwn(value, field))?.[0] ?? null;
}

/** A pair table that is laid out over many lines. */
async function isTable(file: string): Promise<boolean> {
  if ((await stat(file)).size > maxTableBytes) return false;
  return formatOf(await readFile(file, "utf8")) === "pair-table";
}

export async function readTable(file: string): Promise<Parsed> {
  if ((await stat(file)).size > maxTableBytes) return { fault: "longer than any table of pair counts" };
  const bytes = await readFile(file);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    // SyntaxError: no JSON. TypeError: no UTF-8.
    return { fault: error instanceof SyntaxError ? "not JSON" : "invalid UTF-8" };
  }
  return parsePairTable(value);
}

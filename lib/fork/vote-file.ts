import { z } from "zod";
import { AppError } from "@/lib/errors";
import { boardNameSchema, namedCategories } from "@/lib/protocol";

/**
 * The votes of a board as a reader's browser fits them: columns of numbers, and no text, time, id or name of a voter.
 *
 *   offset 0    8 bytes   "ARENAVOT"
 *          8    uint32    version of the format, 1
 *         12    uint32    bytes of the header
 *         16    header    JSON in UTF-8 (`voteFileHeaderSchema`), padded with spaces to a multiple of 8
 *          …    columns   in the order of `header.columns`, `size` numbers each, padded with zeros to a multiple of 8
 *
 * All numbers are little endian. Served with gzip, which takes about half. 22 bytes a vote before it.
 *
 * A row is one vote. `a`, `b`: the models on side A and side B, places in `models`. `outcome`: 0 A is better, 1 B is
 * better, 2 tie, 3 both are bad. `categoryBits`: bit k set where the vote counts in `categories[k]`. `language`: place in
 * `languages`, 255 where not known. `tokens…` to `lists…`: style of the answers of each side, summed over the turns; what
 * is larger than its column holds (65,535 tokens, 255 of the others) is the largest that it holds. `voter`: a pseudonym,
 * 0 … `voters` − 1, dealt anew for each release by a key of the site. Rows are sorted by models, then by pseudonym, so
 * their order does not tell when a vote was cast.
 */
export const voteFileVersion = 1;

const magic = new TextEncoder().encode("ARENAVOT");

const arrays = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array } as const;

/** Every column with its type, in the order of the file. */
export const voteColumns = {
  a: "uint16",
  b: "uint16",
  outcome: "uint8",
  categoryBits: "uint16",
  language: "uint8",
  tokensA: "uint16",
  tokensB: "uint16",
  headersA: "uint8",
  headersB: "uint8",
  boldA: "uint8",
  boldB: "uint8",
  listsA: "uint8",
  listsB: "uint8",
  voter: "uint32",
} as const satisfies Record<string, keyof typeof arrays>;
export type VoteColumn = keyof typeof voteColumns;
const columnNames = Object.keys(voteColumns) as VoteColumn[];

type ColumnArrays = { [C in VoteColumn]: InstanceType<(typeof arrays)[(typeof voteColumns)[C]]> };

export const unknownLanguage = 255;

const voteFileHeaderSchema = z.object({
  board: boardNameSchema,
  /** Number of votes. */
  size: z.number().int().nonnegative(),
  /** Number of voters. */
  voters: z.number().int().nonnegative(),
  /** SHA-256 of everything behind the header: names the release. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Names, sorted. */
  models: z.array(z.string()).max(65_535),
  languages: z.array(z.string()).max(unknownLanguage),
  categories: z.array(z.enum(namedCategories)).max(16),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
});

export type VoteFile = Omit<z.infer<typeof voteFileHeaderSchema>, "columns"> & ColumnArrays;

/** Votes by column that are not named by their hash yet. */
export type VoteColumns = Omit<VoteFile, "sha256">;

/** The columns as they stand in the file, behind its header: what its hash is made of. */
export function encodeVoteColumns(votes: VoteColumns): Uint8Array {
  const body = new Uint8Array(columnNames.reduce((sum, name) => sum + columnBytes(name, votes.size), 0));
  let at = 0;
  for (const name of columnNames) {
    const column = votes[name];
    body.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += columnBytes(name, votes.size);
  }
  return body;
}

/** The file's beginning, up to its columns. @param sha256 of {@link encodeVoteColumns} */
export function encodeVoteHeader(votes: VoteColumns, sha256: string): Uint8Array {
  const { board, size, voters, models, languages, categories } = votes;
  const header = {
    ...{ board, size, voters, sha256, models, languages, categories },
    columns: columnNames.map((name) => ({ name, type: voteColumns[name] })),
  } satisfies z.infer<typeof voteFileHeaderSchema>;
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(16 + padded(json.length)).fill(0x20);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(8, voteFileVersion, true);
  view.setUint32(12, padded(json.length), true);
  bytes.set(json, 16);
  return bytes;
}

/** The part of a file that its hash is made of. Only for bytes that `decodeVoteFile` takes. */
export function voteFileBody(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.subarray(16 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true));
}

/**
 * Reads a file; its columns are views of the bytes. Checks the form and that every number is in range, but not the hash.
 *
 * @throws AppError `invalid_request` for bytes that are no such file, of another version, cut short or out of range
 */
export function decodeVoteFile(bytes: Uint8Array<ArrayBuffer>): VoteFile {
  // Typed arrays need their columns at multiples of their size, in memory too.
  const file = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 16 || !magic.every((byte, at) => file[at] === byte)) throw refused("no file of votes");
  if (view.getUint32(8, true) !== voteFileVersion) throw refused("a version that this program does not know");
  const bodyAt = 16 + view.getUint32(12, true);
  if (bodyAt % 8 !== 0 || bodyAt > file.length) throw refused("a header of impossible length");
  const { columns, ...header } = parseHeader(file.subarray(16, bodyAt));
  if (
    !columns.every(({ name, type }, at) => columnNames[at] === name && voteColumns[columnNames[at]] === type)
  )
    throw refused("columns that this program does not know");
  const length = columnNames.reduce((sum, name) => sum + columnBytes(name, header.size), bodyAt);
  if (columns.length !== columnNames.length || file.length !== length)
    throw refused("not as long as it says");
  let at = file.byteOffset + bodyAt;
  const found = Object.fromEntries(
    columnNames.map((name) => {
      const column = new arrays[voteColumns[name]](file.buffer, at, header.size);
      at += columnBytes(name, header.size);
      return [name, column];
    }),
  ) as ColumnArrays;
  const votes = { ...header, ...found };
  checkRows(votes);
  return votes;
}

function parseHeader(bytes: Uint8Array): z.infer<typeof voteFileHeaderSchema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refused("a header that is no JSON", cause);
  }
  const header = voteFileHeaderSchema.safeParse(json);
  if (!header.success) throw refused("a header without what it needs", header.error);
  return header.data;
}

function checkRows(votes: VoteFile): void {
  const { size, models, voters, categories, languages } = votes;
  for (let row = 0; row < size; row++) {
    const [a, b] = [votes.a[row] as number, votes.b[row] as number];
    const language = votes.language[row] as number;
    if (a >= models.length || b >= models.length || a === b || (votes.outcome[row] as number) > 3)
      throw refused(`row ${row}: no vote`);
    if (
      (votes.voter[row] as number) >= voters ||
      (votes.categoryBits[row] as number) >> categories.length !== 0
    )
      throw refused(`row ${row}: a voter or category that is not there`);
    if (language !== unknownLanguage && language >= languages.length)
      throw refused(`row ${row}: a language that is not there`);
  }
}

function refused(what: string, cause?: unknown): AppError {
  return new AppError("invalid_request", { message: `The file of votes cannot be read: ${what}.`, cause });
}

function columnBytes(name: VoteColumn, size: number): number {
  return padded(size * arrays[voteColumns[name]].BYTES_PER_ELEMENT);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

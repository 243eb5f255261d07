import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { z } from "zod";
import { AppError } from "@/lib/errors";
import { publishedBoard, selfBoard } from "@/lib/leaderboard";
import { canonicalJson } from "./canonical-json";
import { type ChainRecord, genesisHash, nextHash, recordHash } from "./chain/chain-hash";
import type { ChainHead } from "./chain/verify-chain";
import { type ExportedVote, exportedLineSchema } from "./export/exported-vote";
import { hashFile } from "./export/hash-file";
import {
  type Manifest,
  manifestName,
  manifestSchema,
  ratingsName,
  ratingsSchema,
  votesName,
} from "./export/release";
import { readRecords } from "./import/read-records";
import { pathExists } from "./path-exists";
import { Recount } from "./recount";

export type Reproduction = {
  release: string;
  head: ChainHead;
  boards: { board: string; votes: number; voters: number; isReproduced: boolean }[];
  /** What is wrong, in sentences; empty: everything agrees to the last digit. */
  problems: string[];
};

const toldProblems = 20;

/**
 * Makes the published boards again from a release alone, without a database: checks the hashes of its files, follows the
 * chain, counts the votes, fits, and compares with ratings.json.
 *
 * @param path the release's folder, or a file in it
 * Errors: `not_found`, and `invalid_request` for a folder that is no release.
 */
export async function reproduce(path: string, signal?: AbortSignal): Promise<Reproduction> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new AppError("not_found", { message: `There is nothing at ${path}.`, cause });
  });
  const folder = found.isDirectory() ? resolve(path) : dirname(resolve(path));
  const manifest = await readJson(join(folder, manifestName), manifestSchema);
  if (!manifest.files.some(({ name }) => name === votesName))
    throw new AppError("invalid_request", { message: `The release has no ${votesName}, which this needs.` });
  const problems: string[] = [];
  let untold = 0;
  const tell = (problem: string) => {
    if (problems.length < toldProblems) problems.push(problem);
    else untold += 1;
  };
  await checkFiles(folder, manifest, tell);
  const ratings = await readJson(join(folder, ratingsName), ratingsSchema);
  const ids = new Map(ratings.models.map(({ id, name }) => [name, id]));
  const recount = new Recount();
  const head = await followChain(join(folder, votesName), tell, signal, (vote) => {
    const [modelAId, modelBId] = [ids.get(vote.modelA), ids.get(vote.modelB)];
    if (modelAId === undefined || modelBId === undefined)
      tell(`Entry ${vote.seq}: ${ratingsName} lacks its models.`);
    else if (vote.excluded.length === 0) recount.add({ ...vote, modelAId, modelBId });
  });
  if (head.seq !== manifest.chain.seq || head.hash !== manifest.chain.hash)
    tell(
      `The chain ends at ${head.seq}, ${head.hash}; the manifest says ${manifest.chain.seq}, ${manifest.chain.hash}.`,
    );

  const published = new Map(ratings.boards.map((board) => [board.board, board]));
  const counted = recount.boards();
  counted.delete(selfBoard);
  const names = [...new Set([...published.keys(), ...counted.keys()])].sort();
  const boards = names.map((board) => {
    const { rows, votes, voters } = counted.get(board) ?? { rows: [], votes: 0, voters: 0 };
    const fit = publishedBoard(rows, { votes, voters });
    const told = published.get(board);
    const isReproduced = canonicalJson(told) === canonicalJson({ board, category: "overall", ...fit });
    if (!isReproduced)
      tell(
        told !== undefined && told.codeVersion !== fit.codeVersion
          ? `The board ${board} was fitted by version ${told.codeVersion}; this program has ${fit.codeVersion}.`
          : `The board ${board} is not the fit of these votes.`,
      );
    return { board, votes, voters, isReproduced };
  });
  if (untold > 0) problems.push(`There are ${untold} more problems.`);
  return { release: manifest.release, head, boards, problems };
}

async function checkFiles(
  folder: string,
  manifest: Manifest,
  tell: (problem: string) => void,
): Promise<void> {
  for (const expected of manifest.files) {
    const path = join(folder, expected.name);
    if (!(await pathExists(path))) tell(`${expected.name} is missing.`);
    else if ((await hashFile(path)).sha256 !== expected.sha256)
      tell(`${expected.name} does not have its hash.`);
  }
}

async function followChain(
  path: string,
  tell: (problem: string) => void,
  signal: AbortSignal | undefined,
  onVote: (vote: ExportedVote) => void,
): Promise<ChainHead> {
  let seq = 0;
  let hash = genesisHash;
  // No votes, no lines.
  if ((await stat(path)).size === 0) return { seq, hash: hash.toString("hex") };
  for await (const { line, text } of readRecords(
    createReadStream(path, { highWaterMark: 1 << 20, signal }),
  )) {
    const entry = parseLine(text);
    if (entry === null) {
      tell(`${votesName}, line ${line}: not a vote of a release.`);
      continue;
    }
    seq += 1;
    if (entry.seq !== seq) tell(`${votesName}, line ${line}: entry ${entry.seq} stands where ${seq} should.`);
    seq = entry.seq;
    if (!("withheld" in entry)) {
      const { voter, excluded: _excluded, recordHash: told, hash: _hash, ...record } = entry;
      if (recordHash(record satisfies ChainRecord).toString("hex") !== told)
        tell(`${votesName}, line ${line}: the vote does not have its hash.`);
      onVote({ ...entry, voter });
    }
    const next = nextHash(hash, Buffer.from(entry.recordHash, "hex"));
    hash = Buffer.from(entry.hash, "hex");
    if (!next.equals(hash)) tell(`${votesName}, line ${line}: the chain is broken.`);
  }
  return { seq, hash: hash.toString("hex") };
}

function parseLine(text: string | undefined) {
  try {
    return exportedLineSchema.safeParse(JSON.parse(text ?? "")).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new AppError("invalid_request", {
      message: `${path} is missing, or not of a release of votes.`,
      cause,
    });
  }
}

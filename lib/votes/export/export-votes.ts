import { createHmac, randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { publishedBoard, selfBoard } from "@/lib/leaderboard";
import { piiScreenVersion } from "@/lib/pii";
import { parseInput } from "@/lib/protocol";
import { appendChain } from "../chain/append-chain";
import { genesisHash, recordHash } from "../chain/chain-hash";
import { type StoredVote, storedVotesSql, toRecord } from "../chain/stored-vote";
import { countable } from "../chain/verify-chain";
import { type Connection, inTransaction, readBatches } from "../connection";
import { pathExists } from "../path-exists";
import { Recount } from "../recount";
import { datasetCard } from "./dataset-card";
import type { ExportedLine } from "./exported-vote";
import { hashFile } from "./hash-file";
import { publishedTexts } from "./published-texts";
import { cardName, type Manifest, manifestName, ratingsName } from "./release";
import { hasTexts, openTextWriter } from "./text-writers";
import { exportFormats, openVoteWriter, type VoteWriter } from "./vote-writers";

export const exportOptionsSchema = z.strictObject({
  /** The folder to make. */
  folder: z.string().min(1),
  /** Names the release. */
  release: z.string().regex(/^[\w.-]{1,80}$/, "letters, digits, dots and dashes"),
  formats: z
    .array(z.enum(exportFormats))
    .min(1)
    .default([...exportFormats]),
  /** Only these boards; of the other votes a release has the hashes. Unset: all. */
  boards: z.array(z.string().min(1)).min(1).optional(),
  /** The licence under which the release is published. */
  licence: z.string().min(1).max(100).default("CC-BY-4.0"),
  /** Keys the pseudonyms. Unset: a random one that is forgotten with this call. */
  releaseKey: z.string().min(16).optional(),
});
export type ExportOptions = z.input<typeof exportOptionsSchema>;

export type ExportRun = {
  signal?: AbortSignal | undefined;
  /** Rows of the vote log that are written, of how many. */
  onProgress?: (done: number, total: number) => void;
  /**
   * Makes the whole release appear: `move` puts it in its place. For whoever has to do something else with it or not at all.
   * Default: it is moved.
   */
  publish?: (manifest: Manifest, move: () => Promise<void>) => Promise<void>;
};

/** Any fixed number: one release at a time, of all who make one from this database. */
const releaseLock = 7_302_004;

type ChainedVote = StoredVote & { seq: string; salt: Buffer; hash: Buffer; entryId: string };

/**
 * Writes a release: every vote in the order of the chain, the boards fitted from them with their covariance, a dataset card
 * and a manifest with the hash of each file. All of one moment of the database, in constant memory. The folder appears
 * whole or not at all.
 *
 * A battle's text is written only with its visitor's consent, and after the screen for personal data: see
 * {@link publishedTexts}. The votes are the same with and without texts, and so are their hashes.
 *
 * Errors: `invalid_request` when the folder exists, or a vote of the chain is missing; `release_running` while another one is
 * made from this database.
 */
export async function exportVotes(
  connection: Connection,
  options: ExportOptions,
  now: Date,
  run: ExportRun = {},
): Promise<Manifest> {
  const input = parseInput(exportOptionsSchema, options);
  const folder = resolve(input.folder);
  if (await pathExists(folder))
    throw new AppError("invalid_request", { message: `${folder} exists; name a folder that does not.` });
  await appendChain(connection, run.signal);
  return inTransaction(
    connection,
    async () => {
      const { rows } = await connection.query<{ isMine: boolean }>(
        `SELECT pg_try_advisory_xact_lock($1) AS "isMine"`,
        [releaseLock],
      );
      if (rows[0]?.isMine !== true) throw new AppError("release_running");
      return writeRelease(connection, { ...input, folder }, now, run);
    },
    "REPEATABLE READ",
  );
}

async function writeRelease(
  connection: Connection,
  input: z.output<typeof exportOptionsSchema>,
  now: Date,
  { signal, onProgress, publish = (_manifest, move) => move() }: ExportRun,
): Promise<Manifest> {
  const { folder } = input;
  const partial = `${folder}.partial`;
  // What an earlier one left that was killed.
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    const key = input.releaseKey ?? randomBytes(32);
    const content = {
      ...(await writeVotes(connection, partial, { ...input, key }, { signal, onProgress })),
      licence: input.licence,
      texts: await writeTexts(connection, partial, input, signal),
    };
    const texts = input.formats.filter(hasTexts).map((format) => `texts.${format}`);
    const names = [...input.formats.map((format) => `votes.${format}`), ...texts, ratingsName];
    const files = await Promise.all(names.map((name) => hashFile(join(partial, name))));
    const manifest: Manifest = {
      format: "chat-arena-votes-1",
      release: input.release,
      createdAt: now.toISOString(),
      ...content,
      files,
    };
    await writeFile(join(partial, cardName), datasetCard(manifest));
    manifest.files.push(await hashFile(join(partial, cardName)));
    await writeFile(join(partial, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    signal?.throwIfAborted();
    await publish(manifest, () => rename(partial, folder));
    return manifest;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function writeVotes(
  connection: Connection,
  folder: string,
  { formats, boards, key }: z.infer<typeof exportOptionsSchema> & { key: string | Buffer },
  { signal, onProgress }: Pick<ExportRun, "signal" | "onProgress">,
) {
  const recount = new Recount();
  const chain = { seq: 0, hash: genesisHash.toString("hex") };
  const counted = { rows: 0, withheld: 0, votes: 0, excluded: 0 };
  const models = new Map<string, string>();
  const writers: VoteWriter[] = [];
  try {
    for (const format of formats) writers.push(await openVoteWriter(folder, format));
    const { rows: ends } = await connection.query<{ total: string }>(
      "SELECT count(*) AS total FROM vote_chain",
    );
    const total = Number(ends[0]?.total ?? 0);
    onProgress?.(0, total);
    const batches = readBatches<ChainedVote>(
      connection,
      "release",
      `SELECT vote.*, chain.seq, chain.salt, chain.hash, chain.vote_id AS "entryId"
         FROM vote_chain chain LEFT JOIN (${storedVotesSql()}) AS vote ON vote.id = chain.vote_id ORDER BY chain.seq`,
      { batchSize: 20_000 },
    );
    for await (const batch of batches) {
      signal?.throwIfAborted();
      const lines = batch.map((vote): ExportedLine => {
        const seq = Number(vote.seq);
        if (vote.id === null)
          throw new AppError("invalid_request", {
            message: `Vote ${vote.entryId}, entry ${seq} of the chain, is missing. npm run votes -- verify tells more.`,
          });
        const record = toRecord(vote, seq, vote.salt);
        const hashes = { recordHash: recordHash(record).toString("hex"), hash: vote.hash.toString("hex") };
        Object.assign(chain, { seq, hash: hashes.hash });
        counted.rows += 1;
        if (boards !== undefined && !boards.includes(vote.board)) {
          counted.withheld += 1;
          return { seq, withheld: true, ...hashes };
        }
        counted.votes += vote.count;
        models.set(vote.modelAId, vote.modelA).set(vote.modelBId, vote.modelB);
        const { voter } = countable(vote);
        const { excluded } = vote;
        if (excluded.length === 0) recount.add({ ...vote, voter });
        else counted.excluded += vote.count;
        return { ...record, excluded, voter: voter === null ? null : pseudonym(key, voter), ...hashes };
      });
      for (const writer of writers) await writer.write(lines);
      onProgress?.(counted.rows, total);
    }
    for (const writer of writers) await writer.finish();
  } finally {
    await Promise.all(writers.map((writer) => writer.close()));
  }
  // Models against themselves are votes of the release, but no board.
  const counts = [...recount.boards()].filter(([board]) => board !== selfBoard);
  const ratings = {
    models: [...models].map(([id, name]) => ({ id, name })).sort((x, y) => (x.name < y.name ? -1 : 1)),
    boards: counts.map(([board, { rows, votes, voters }]) => ({
      board,
      category: "overall",
      ...publishedBoard(rows, { votes, voters }),
    })),
  };
  await writeFile(join(folder, ratingsName), `${JSON.stringify(ratings, null, 1)}\n`);
  return { ...counted, chain, boards: counts.map(([board]) => board) };
}

async function writeTexts(
  connection: Connection,
  folder: string,
  { formats, boards }: z.infer<typeof exportOptionsSchema>,
  signal: AbortSignal | undefined,
) {
  const counted = { battles: 0, leftOut: 0, hiddenFinds: 0, screenVersion: piiScreenVersion };
  const writers = await Promise.all(formats.filter(hasTexts).map((format) => openTextWriter(folder, format)));
  try {
    const onLeftOut = () => {
      counted.leftOut += 1;
    };
    for await (const texts of publishedTexts(connection, boards, onLeftOut)) {
      signal?.throwIfAborted();
      counted.battles += texts.length;
      for (const { hiddenFinds } of texts) counted.hiddenFinds += hiddenFinds;
      for (const writer of writers) await writer.write(texts);
    }
    for (const writer of writers) await writer.finish();
  } finally {
    await Promise.all(writers.map((writer) => writer.close()));
  }
  return counted;
}

/** 96 bits of an HMAC-SHA256: enough that no two voters of a release share one. */
function pseudonym(key: string | Buffer, voter: string): string {
  return createHmac("sha256", key).update(voter).digest("hex").slice(0, 24);
}

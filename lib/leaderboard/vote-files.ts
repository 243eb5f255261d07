import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { encodeVoteHeader } from "@/lib/fork";
import type { BoardName } from "@/lib/protocol";
import type { BackgroundWork } from "./background-work";
import { overallCategory } from "./count-vote";
import { createKeptWork } from "./kept-work";
import { readVotes } from "./read-votes";

/** A board's votes by column (`lib/fork`), ready to be sent. */
export type VoteFileParts = {
  gzip: Uint8Array;
  /** Bytes without gzip. */
  bytes: number;
  sha256: string;
  /** Of the board's `overall`. */
  revision: number;
};

/** In the thread. Errors: as `readVotes`. */
export async function makeVoteFile(
  databaseUrl: string,
  secret: string,
  board: BoardName,
  signal: AbortSignal,
  asOf: number | null,
): Promise<VoteFileParts> {
  const { votes, body, sha256, revision } = await readVotes(
    databaseUrl,
    secret,
    { board, category: overallCategory },
    signal,
    asOf,
  );
  const file = Buffer.concat([encodeVoteHeader(votes, sha256), body]);
  return { gzip: await promisify(gzip)(file), bytes: file.length, sha256, revision };
}

export type VoteFiles = {
  /** The file of a board, at most `refreshMs` behind its votes. @param revision of the counts */
  latest(board: BoardName, revision: number): Promise<VoteFileParts>;
  /** The file as it was at a revision. @param admit asked before one is made; its error is passed on */
  asOf(board: BoardName, revision: number, admit: () => Promise<void>): Promise<VoteFileParts>;
};

/** Earlier files that are kept; one has some tens of megabytes where there are millions of votes. */
const maxEarlier = 2;

/** One file a board is kept; it is made when somebody asks and the votes have changed, one at a time. */
export function createVoteFiles(work: BackgroundWork, refreshMs: number): VoteFiles {
  const kept = new Map<BoardName, { revision: number; madeAt: number; file: Promise<VoteFileParts> }>();
  const earlier = createKeptWork<VoteFileParts>(maxEarlier);
  return {
    async asOf(board, revision, admit) {
      const newest = await kept.get(board)?.file;
      if (newest?.revision === revision) return newest;
      return earlier(`${board} ${revision}`, async () => {
        await admit();
        return work.run({ kind: "votes", board, asOf: revision });
      });
    },
    latest(board, revision) {
      const known = kept.get(board);
      const isFresh = known !== undefined && performance.now() - known.madeAt < refreshMs;
      if (known !== undefined && (known.revision === revision || isFresh)) return known.file;
      const file = work.run({ kind: "votes", board, asOf: null });
      const entry = { revision, madeAt: performance.now(), file };
      kept.set(board, entry);
      file.catch(() => {
        // A failure must not be remembered as the answer.
        if (kept.get(board) === entry) kept.delete(board);
      });
      return file;
    },
  };
}

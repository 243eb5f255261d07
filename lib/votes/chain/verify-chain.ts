import { hashCounts, type PublishedBoard, publishedBoard, selfBoard } from "@/lib/leaderboard";
import { canonicalJson } from "../canonical-json";
import { type Connection, inTransaction, readBatches } from "../connection";
import { type BoardCounts, Recount } from "../recount";
import { genesisHash, nextHash, recordHash } from "./chain-hash";
import { type StoredVote, storedVotesSql, toRecord } from "./stored-vote";

/** Where the chain ends: what a release publishes, and what a later check is held against. */
export type ChainHead = { seq: number; hash: string };

export type Verification = {
  head: ChainHead;
  /** Votes that wait for their place. */
  queued: number;
  /** What is wrong, in sentences; empty: nothing. */
  problems: string[];
};

type ChainedVote = Omit<StoredVote, "id"> & {
  id: string | null;
  seq: string;
  voteId: string;
  salt: Buffer;
  hash: Buffer;
};

/** More are counted, not told: after the first broken hash every later one tells nothing new. */
const toldProblems = 20;

/**
 * Checks the vote log in one snapshot of the database: every vote against its place in the chain, every stored count and
 * every published board against the votes that count. Finds votes that were changed, removed, reordered or slipped in; whoever
 * rewrote the whole chain is found by `expectedHead`, a head that was published before.
 */
export async function verifyChain(
  connection: Connection,
  { expectedHead, signal }: { expectedHead?: ChainHead; signal?: AbortSignal } = {},
): Promise<Verification> {
  return inTransaction(connection, () => check(connection, expectedHead, signal), "REPEATABLE READ");
}

async function check(
  connection: Connection,
  expectedHead: ChainHead | undefined,
  signal: AbortSignal | undefined,
): Promise<Verification> {
  const problems: string[] = [];
  let untold = 0;
  const tell = (problem: string) => {
    if (problems.length < toldProblems) problems.push(problem);
    else untold += 1;
  };
  const recount = new Recount();
  let lastSeq = 0;
  let hash = genesisHash;
  let headAtExpected: string | null = null;
  const batches = readBatches<ChainedVote>(
    connection,
    "chain",
    `SELECT chain.seq, chain.vote_id AS "voteId", chain.salt, chain.hash, vote.*
       FROM vote_chain chain LEFT JOIN (${storedVotesSql()}) AS vote ON vote.id = chain.vote_id ORDER BY chain.seq`,
  );
  for await (const batch of batches) {
    signal?.throwIfAborted();
    for (const entry of batch) {
      const seq = Number(entry.seq);
      if (seq !== lastSeq + 1) tell(`Entries ${lastSeq + 1} to ${seq - 1} of the chain are missing.`);
      lastSeq = seq;
      if (entry.id === null) tell(`Vote ${entry.voteId}, entry ${seq} of the chain, is missing.`);
      else {
        const vote = { ...entry, id: entry.id };
        if (vote.excluded.length === 0) recount.add(countable(vote));
        if (!nextHash(hash, recordHash(toRecord(vote, seq, entry.salt))).equals(entry.hash))
          tell(
            `Entry ${seq} of the chain (vote ${entry.voteId}) does not have the hash of its vote and its place.`,
          );
      }
      // Goes on from what is stored, so that one broken entry is told once.
      hash = entry.hash;
      if (seq === expectedHead?.seq) headAtExpected = hash.toString("hex");
    }
  }

  const { rows: queued } = await connection.query<StoredVote>(
    `SELECT vote.* FROM (${storedVotesSql()}) AS vote WHERE vote.id IN (SELECT vote_id FROM vote_chain_queue)`,
  );
  for (const vote of queued) if (vote.excluded.length === 0) recount.add(countable(vote));
  const { rows: strays } = await connection.query<{ id: string }>(
    `SELECT id FROM (SELECT id FROM votes UNION ALL SELECT id FROM external_votes) AS vote
      WHERE NOT EXISTS (SELECT FROM vote_chain WHERE vote_id = vote.id)
        AND NOT EXISTS (SELECT FROM vote_chain_queue WHERE vote_id = vote.id)`,
  );
  for (const { id } of strays) tell(`Vote ${id} is neither in the chain nor waiting for it.`);
  if (expectedHead !== undefined && headAtExpected !== expectedHead.hash.toLowerCase())
    tell(`Entry ${expectedHead.seq} does not have the published hash ${expectedHead.hash}.`);
  await checkCounts(connection, recount.boards(), tell);
  if (untold > 0) problems.push(`There are ${untold} more problems.`);
  return { head: { seq: lastSeq, hash: hash.toString("hex") }, queued: queued.length, problems };
}

/** Voters of different sources are different people, and all visitors of one account the same. */
export function countable(vote: Omit<StoredVote, "id">) {
  const { countedVoter, source } = vote;
  return { ...vote, voter: countedVoter === null ? null : `${source ?? ""}|${countedVoter}` };
}

/** The tables of counts, and the newest snapshot of each board where it is of these counts. */
async function checkCounts(
  connection: Connection,
  boards: Map<string, BoardCounts>,
  tell: (problem: string) => void,
): Promise<void> {
  const { rows: stored } = await connection.query<{ board: string; counts: unknown }>(
    `SELECT board, json_agg(json_build_object('lowId', low_id, 'highId', high_id, 'winLow', win_low, 'winHigh', win_high,
              'tie', tie, 'bothBad', both_bad)) AS counts
       FROM pair_counts WHERE category = 'overall' GROUP BY board`,
  );
  const { rows: totals } = await connection.query<{ board: string; votes: number; voters: number }>(
    "SELECT board, votes, voters FROM board_totals",
  );
  const countsOf = new Map(stored.map(({ board, counts }) => [board, counts as BoardCounts["rows"]]));
  const totalsOf = new Map(totals.map(({ board, ...total }) => [board, total]));
  const names = new Set([...boards.keys(), ...countsOf.keys()]);
  for (const name of [...names].sort()) {
    const counted = boards.get(name) ?? { rows: [], votes: 0, voters: 0 };
    const { rows, votes, voters } = counted;
    // An empty pair is no pair.
    const kept = (countsOf.get(name) ?? []).filter(
      (row) => row.winLow + row.winHigh + row.tie + row.bothBad > 0,
    );
    if (hashCounts(kept) !== hashCounts(rows))
      tell(`The counts of the board ${name} are not those of its votes.`);
    // Models against themselves: counted, but neither fitted nor summed up.
    if (name === selfBoard) continue;
    const total = totalsOf.get(name);
    if ((total?.votes ?? 0) !== votes || (total?.voters ?? 0) !== voters)
      tell(
        `The board ${name} says ${total?.votes ?? 0} votes of ${total?.voters ?? 0} voters; there are ${votes} of ${voters}.`,
      );
    await checkSnapshot(connection, name, publishedBoard(rows, { votes, voters }), tell);
  }
}

async function checkSnapshot(
  connection: Connection,
  board: string,
  published: PublishedBoard,
  tell: (problem: string) => void,
): Promise<void> {
  const { rows } = await connection.query<{ result: unknown; createdAt: Date }>(
    `SELECT result, created_at AS "createdAt" FROM rating_snapshots
      WHERE board = $1 AND category = 'overall' AND variant = 'counts' AND inputs_hash = $2 AND code_version = $3
      ORDER BY created_at DESC LIMIT 1`,
    [board, published.inputsHash, published.codeVersion],
  );
  const snapshot = rows[0];
  // None: the board is being fitted just now, or is one that the site does not show.
  if (snapshot === undefined || canonicalJson(snapshot.result) === canonicalJson(published.result)) return;
  tell(
    `The snapshot of the board ${board} of ${snapshot.createdAt.toISOString()} is not the fit of its votes.`,
  );
}

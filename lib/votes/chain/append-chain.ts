import { randomBytes } from "node:crypto";
import { type Connection, inTransaction } from "../connection";
import { genesisHash, nextHash, recordHash } from "./chain-hash";
import { type StoredVote, storedVotesSql, toRecord } from "./stored-vote";

/** Any fixed number: one writer at a time, of all servers. */
const chainLock = 7_302_002;
/** Larger ones outlive the collector's young generation, which costs more than the further queries. */
const batchSize = 2_000;
const saltBytes = 16;
const hashBytes = 32;

/**
 * Gives every committed vote that waits its place in the chain, in the order in which they were queued, and returns how
 * many there were. Votes never wait for this: it runs after them, one writer at a time, in transactions of its own.
 */
export async function appendChain(connection: Connection, signal?: AbortSignal): Promise<number> {
  let appended = 0;
  let after = 0n;
  for (;;) {
    signal?.throwIfAborted();
    const from = after;
    const batch = await inTransaction(connection, () => appendBatch(connection, from));
    appended += batch.size;
    after = batch.last;
    if (batch.size < batchSize) return appended;
  }
}

/** `after`: the last place in the queue that is done, so that a long queue is not searched from its emptied beginning. */
async function appendBatch(connection: Connection, after: bigint): Promise<{ size: number; last: bigint }> {
  await connection.query("SELECT pg_advisory_xact_lock($1)", [chainLock]);
  const { rows: queued } = await connection.query<{ id: string; voteId: string }>(
    `WITH taken AS (
       DELETE FROM vote_chain_queue WHERE id > $2 AND id <= (
         SELECT max(id) FROM (SELECT id FROM vote_chain_queue WHERE id > $2 ORDER BY id LIMIT $1) AS next)
       RETURNING id, vote_id)
     SELECT id, vote_id AS "voteId" FROM taken ORDER BY id`,
    [batchSize, String(after)],
  );
  const last = queued.at(-1);
  if (last === undefined) return { size: 0, last: after };
  const ids = queued.map(({ voteId }) => voteId);
  const { rows: votes } = await connection.query<StoredVote>(storedVotesSql("$1"), [`{${ids.join()}}`]);
  const byId = new Map(votes.map((vote) => [vote.id, vote]));
  const { rows: heads } = await connection.query<{ seq: string; hash: Buffer }>(
    "SELECT seq, hash FROM vote_chain ORDER BY seq DESC LIMIT 1",
  );
  let seq = Number(heads[0]?.seq ?? 0);
  let hash = heads[0]?.hash ?? genesisHash;
  const salts = randomBytes(saltBytes * ids.length);
  const first = seq + 1;
  const voteIds: string[] = [];
  const hashes: Buffer[] = [];
  const usedSalts: Buffer[] = [];
  for (const [index, id] of ids.entries()) {
    const vote = byId.get(id);
    // Removed before it had a place: `verify` cannot know of it, and there is nothing to say about it.
    if (vote === undefined) continue;
    const salt = salts.subarray(index * saltBytes, (index + 1) * saltBytes);
    seq += 1;
    hash = nextHash(hash, recordHash(toRecord(vote, seq, salt)));
    voteIds.push(id);
    usedSalts.push(salt);
    hashes.push(hash);
  }
  // Bytes in one piece each: arrays of them would be written out and read again one by one.
  await connection.query(
    `INSERT INTO vote_chain (seq, vote_id, salt, hash)
     SELECT $1::bigint + nth - 1, id, substr($3::bytea, ((nth - 1) * ${saltBytes} + 1)::int, ${saltBytes}),
            substr($4::bytea, ((nth - 1) * ${hashBytes} + 1)::int, ${hashBytes})
       FROM unnest($2::uuid[]) WITH ORDINALITY AS entries (id, nth)`,
    [first, `{${voteIds.join()}}`, Buffer.concat(usedSalts), Buffer.concat(hashes)],
  );
  return { size: ids.length, last: BigInt(last.id) };
}

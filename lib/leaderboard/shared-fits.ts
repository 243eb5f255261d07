import { deserialize, serialize } from "node:v8";
import { Client } from "pg";
import type { Logger } from "pino";
import { type Database, postgresCode } from "@/lib/db";
import type { PairCounts } from "@/lib/rating";
import type { BoardKey, Fitted } from "./board-fits";
import { fitVersion } from "./fit-counts";

/** First half of the advisory locks that are claims; the second is a hash of the board and category. */
const claimSpace = 7_302_002;
/** PostgreSQL's code for a lock that could not be had in time. */
const lockNotAvailable = "55P03";

/** Raised when {@link Fitted} gets another shape. */
const shapeVersion = 1;

/** An advisory lock that every server shares: who holds it too is there. */
const presenceSpace = 7_302_003;

/** Servers of another version, or of a Node that writes objects otherwise, do not take each other's fits. */
const format = `${fitVersion} ${shapeVersion} ${process.versions.v8}`;

/**
 * - `held`: this server fits the board until it frees the claim.
 * - `busy`: another server is fitting it.
 * - `unknown`: the database did not say, or a pooler stands before it, through which a lock belongs to nobody. Better two
 *   servers that fit than none.
 */
export type Claim = "held" | "busy" | "unknown";

export type SharedFits = {
  /**
   * Tries to become the one that fits a board, and says up to which revision it has been passed on, and whether there is
   * another server that could load it. Never rejects.
   */
  claim(key: BoardKey): Promise<{ claim: Claim; fittedRevision: number | null; isAlone: boolean }>;
  /** Lets others fit. Nothing happens where the claim is not held. */
  free(key: BoardKey): Promise<void>;
  /** What others load, from then on. Errors: those of the database. */
  put(fitted: Fitted): Promise<void>;
  /** The newest that was put; null where there is none of this version. Errors: those of the database. */
  newest(key: BoardKey): Promise<Fitted | null>;
  /**
   * Resolves when nobody has the claim any more: it was freed, or its server has ended. False when that takes longer than
   * two seconds. Errors: those of the database.
   */
  freed(key: BoardKey): Promise<boolean>;
  close(): Promise<void>;
};

/** How long the server that fits may take until others do without it: it is stopped, or cut off without a word. */
const waitMs = 2_000;

/**
 * How the servers of a site share the work of fitting: one claims a board, fits it, puts the fit into the database and frees
 * the claim; the others load it. A claim is an advisory lock of a connection of its own, so that it ends with its server,
 * whatever becomes of that, and the next who needs the board takes over.
 *
 * On a site of one server a claim costs no time, since it is asked for while the counts are read, and nothing is put.
 */
export function createSharedFits(deps: { db: Database; databaseUrl: string; logger: Logger }): SharedFits {
  const { db, databaseUrl, logger } = deps;
  let connection: Promise<Connection> | null = null;
  let isClosed = false;
  const held = new Set<string>();

  function connect(): Promise<Connection> {
    if (isClosed) return Promise.reject(new Error("The leaderboard is closed."));
    if (connection !== null) return connection;
    const client = new Client({
      connectionString: databaseUrl,
      application_name: "chat-arena boards",
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    const own = open(client);
    connection = own;
    // With the connection the claims have ended: the next call makes a new one.
    const forget = () => {
      if (connection !== own) return;
      connection = null;
      held.clear();
    };
    client.on("error", forget);
    client.on("end", forget);
    own.catch(forget);
    return own;
  }

  return {
    async claim(key) {
      const name = nameOf(key);
      try {
        const { client, isPooled } = await connect();
        if (isPooled) return unknown;
        if (!held.has(name)) {
          const { rows } = await client.query<{ held: boolean }>(
            "SELECT pg_try_advisory_lock($1, hashtext($2)) AS held",
            [claimSpace, name],
          );
          if (rows[0]?.held !== true) return { claim: "busy", fittedRevision: null, isAlone: false };
          held.add(name);
        }
        // After the lock: what its last holder has put is there.
        const { rows } = await client.query<{ revision: number | null; servers: number }>(
          `SELECT
             (SELECT revision::float8 FROM board_fits WHERE board = $1 AND category = $2 AND format = $3) AS revision,
             (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND classid = $4
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS servers`,
          [key.board, key.category, format, presenceSpace],
        );
        const { revision = null, servers = 0 } = rows[0] ?? {};
        return { claim: "held", fittedRevision: revision, isAlone: servers <= 1 };
      } catch (error) {
        logger.warn({ err: error, ...key }, "no claim on a board could be had: it is fitted without");
        return unknown;
      }
    },

    async free(key) {
      const name = nameOf(key);
      if (!held.delete(name)) return;
      try {
        const { client } = await connect();
        await client.query("SELECT pg_advisory_unlock($1, hashtext($2))", [claimSpace, name]);
      } catch (error) {
        logger.warn({ err: error, ...key }, "a claim on a board ended with its connection");
      }
    },

    async put({ key, snapshotId, fittedAt, revision, ...fit }) {
      const { client } = await connect();
      await client.query(
        `INSERT INTO board_fits AS known (board, category, revision, snapshot_id, fitted_at, format, fit)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (board, category) DO UPDATE SET revision = excluded.revision, snapshot_id = excluded.snapshot_id,
           fitted_at = excluded.fitted_at, format = excluded.format, fit = excluded.fit`,
        [
          key.board,
          key.category,
          revision,
          snapshotId,
          fittedAt,
          format,
          serialize({ ...fit, pairs: packPairs(fit.pairs) }),
        ],
      );
    },

    async newest(key) {
      const { client } = await connect();
      const { rows } = await client.query<{
        revision: string;
        snapshotId: string;
        fittedAt: Date;
        fit: Buffer;
      }>(
        `SELECT revision, snapshot_id AS "snapshotId", fitted_at AS "fittedAt", fit FROM board_fits
         WHERE board = $1 AND category = $2 AND format = $3`,
        [key.board, key.category, format],
      );
      const row = rows[0];
      if (row === undefined) return null;
      const { pairs, ...fit } = deserialize(row.fit) as Packed;
      const { snapshotId, fittedAt } = row;
      return { ...fit, pairs: unpackPairs(pairs), key, snapshotId, fittedAt, revision: Number(row.revision) };
    },

    async freed(key) {
      try {
        await db.$transaction([
          db.$executeRaw`SELECT set_config('lock_timeout', ${`${waitMs}ms`}, true)`,
          db.$executeRaw`SELECT pg_advisory_xact_lock_shared(${claimSpace}::int, hashtext(${nameOf(key)}))`,
        ]);
        return true;
      } catch (error) {
        if (postgresCode(error) === lockNotAvailable) return false;
        throw error;
      }
    },

    async close() {
      const open = connection;
      isClosed = true;
      connection = null;
      if (open === null) return;
      const client = await open.then(
        ({ client }) => client,
        () => null,
      );
      await client?.end();
    },
  };
}

type Packed = Omit<Fitted, "key" | "snapshotId" | "fittedAt" | "revision" | "pairs"> & { pairs: Int32Array };

/** Six numbers a pair: objects would name them each time. */
function packPairs(pairs: readonly PairCounts[]): Int32Array {
  const packed = new Int32Array(pairs.length * 6);
  pairs.forEach(({ i, j, winI, winJ, tie, bothBad }, at) => {
    packed.set([i, j, winI, winJ, tie, bothBad], at * 6);
  });
  return packed;
}

function unpackPairs(packed: Int32Array): PairCounts[] {
  return Array.from({ length: packed.length / 6 }, (_, at) => {
    const [i = 0, j = 0, winI = 0, winJ = 0, tie = 0, bothBad = 0] = packed.subarray(at * 6, at * 6 + 6);
    return { i, j, winI, winJ, tie, bothBad };
  });
}

const unknown = { claim: "unknown", fittedRevision: null, isAlone: true } as const;

type Connection = { client: Client; isPooled: boolean };

async function open(client: Client): Promise<Connection> {
  try {
    return await prepare(client);
  } catch (error) {
    await client.end();
    throw error;
  }
}

async function prepare(client: Client): Promise<Connection> {
  await client.connect();
  // What a pooler says of itself is not what the server behind it says.
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const { processID } = client as Client & { processID?: number | null };
  if (rows[0]?.pid !== processID) return { client, isPooled: true };
  // A server that is gone without a word, cable and all, must not keep its claims for hours.
  await client.query(
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3",
  );
  await client.query("SELECT pg_advisory_lock_shared($1, 0)", [presenceSpace]);
  return { client, isPooled: false };
}

function nameOf({ board, category }: BoardKey): string {
  return `${board}/${category}`;
}

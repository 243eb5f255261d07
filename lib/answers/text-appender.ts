import { type Database, databaseError, Prisma } from "@/lib/db";
import { isAppError } from "@/lib/errors";
import type { AnswerStore } from "./answer-run";
import { leaseMs } from "./lease";

type Piece = { id: string; text: string };
type Waiting = Piece & { resolve: (isRunning: boolean) => void; reject: (error: unknown) => void };

/** Rows of one statement, so that none locks rows or holds memory for long. */
const mostTogether = 500;

/**
 * {@link AnswerStore.append} for the answers of a table: all that come in one turn of the event loop are one statement. Each answer writes
 * to a row of its own, several times a second; a statement for each would be most of what a battle costs the server and the database.
 */
export function createTextAppender(db: Database, table: "responses" | "messages"): AnswerStore["append"] {
  return gather((pieces) => appendTexts(db, table, pieces));
}

/** Exported for tests: `write` tells the ids that are still running. */
export function gather(write: (pieces: readonly Piece[]) => Promise<ReadonlySet<string>>) {
  let waiting: Waiting[] = [];

  async function writeAll(pieces: readonly Waiting[]): Promise<void> {
    try {
      const running = await write(pieces);
      for (const { id, resolve } of pieces) resolve(running.has(id));
    } catch (cause) {
      const error = databaseError(cause);
      const isAway = isAppError(error) && error.code === "database_unavailable";
      // One that the database takes offence at must not hold up the others; one that is away is not asked again for each.
      if (isAway || pieces.length === 1) for (const { reject } of pieces) reject(error);
      else await Promise.all(pieces.map((piece) => writeAll([piece])));
    }
  }

  return (id: string, text: string): Promise<boolean> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ id, text, resolve, reject });
      if (waiting.length >= mostTogether) flush();
    });

  function flush(): void {
    const pieces = waiting;
    waiting = [];
    if (pieces.length > 0) void writeAll(pieces);
  }
}

/** An empty piece renews the lease of an answer that waits or thinks. The guard is the `status` in the condition. */
async function appendTexts(
  db: Database,
  table: "responses" | "messages",
  pieces: readonly Piece[],
): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE ${Prisma.raw(table)} answer
    SET text = answer.text || piece.text,
        status = CASE WHEN answer.status = 'queued' AND piece.text = '' THEN answer.status
                      ELSE 'writing'::response_status END,
        lease_until = now() + ${leaseMs} * interval '1 millisecond'
    FROM unnest(${pieces.map(({ id }) => id)}::uuid[], ${pieces.map(({ text }) => text)}::text[]) AS piece(id, text)
    WHERE answer.id = piece.id AND answer.status IN ('queued', 'writing')
    RETURNING answer.id::text AS id`;
  return new Set(rows.map(({ id }) => id));
}

import { databaseError, postgresCode } from "@/lib/db";
import { isAppError } from "@/lib/errors";
import { nextVotes, setAside, votesToRetry } from "./check-queue";
import { type SweepDeps, sweepVotes } from "./sweep-votes";

/** Votes judged at a time: one transaction, which votes on the same models wait for. */
const batchSize = 100;

/** More in one go are no faulty votes but a fault of something else. */
const maxSetAside = 5;

export type QueueDeps = SweepDeps & {
  logger: { error(fields: object, message: string): void };
};

export type QueueOptions = {
  /** Votes younger than this many milliseconds wait. */
  settleMs: number;
  /** Asked before each batch. Rejects where the work is another server's by now; false: enough for now. */
  mayGoOn: () => Promise<boolean>;
};

/**
 * Judges everything that waits, in the order in which it was cast. A batch that fails is halved until the vote that makes it
 * fail is alone; that one is set aside, said so, and tried again later, so that no vote can hold up the others. Where the
 * database is away nothing is set aside. Returns the number of votes judged. Errors: whatever failed, where it is not one vote.
 */
export async function sweepQueue(deps: QueueDeps, { settleMs, mayGoOn }: QueueOptions): Promise<number> {
  let judged = 0;
  let size = batchSize;
  let left = maxSetAside;

  const judge = async (voteIds: readonly string[]): Promise<void> => {
    const [voteId = ""] = voteIds;
    try {
      await sweepVotes(deps, voteIds);
      judged += voteIds.length;
      size = Math.min(batchSize, size * 2);
    } catch (error) {
      if (isOfTheMoment(error)) throw error;
      if (voteIds.length > 1) {
        size = Math.floor(voteIds.length / 2);
        return;
      }
      await setAside(deps.db, voteId, error);
      deps.logger.error(
        { err: error, voteId },
        "a vote cannot be judged: it counts, the others go on without it, and it is tried again in an hour",
      );
      left -= 1;
      if (left === 0) throw error;
    }
  };

  while (await mayGoOn()) {
    const voteIds = await nextVotes(deps.db, settleMs, size);
    if (voteIds.length === 0) break;
    await judge(voteIds);
  }
  for (const voteId of await votesToRetry(deps.db, maxSetAside)) {
    if (!(await mayGoOn())) break;
    await judge([voteId]);
  }
  return judged;
}

/** PostgreSQL's code for a statement that somebody cancelled. */
const cancelled = "57014";

/** The database is away, or transactions were in each other's way: no vote is to blame. */
const isOfTheMoment = (error: unknown): boolean =>
  isAppError(databaseError(error)) || postgresCode(error) === cancelled;

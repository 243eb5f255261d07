import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError, type Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { effectOfVotes } from "@/lib/leaderboard";
import { parseInput } from "@/lib/protocol";
import { maxActVotes, storeAct } from "./store-act";
import { votesOf } from "./votes-of";

const inputSchema = z.union([
  z.strictObject({
    /** The votes; at most 10,000. */
    voteIds: z.array(z.uuid()).min(1).max(maxActVotes),
    note: z.string().trim().min(1).max(2_000),
  }),
  z.strictObject({
    /** Every vote of this visitor; of an account also those from before its sign-ins. */
    visitorId: z.uuid(),
    note: z.string().trim().min(1).max(2_000),
  }),
]);
export type ExcludeVotesInput = z.input<typeof inputSchema>;

export type ExcludedVotes = {
  /** One for each {@link maxActVotes} votes. */
  actIds: string[];
  /** Votes of the acts. */
  votes: number;
  /** Of them, votes that counted until now. */
  moved: number;
};

/**
 * A person's decision that votes do not count (reason `moderation`). The counts follow in the same transaction; the boards
 * are fitted again when they are next read. A note that says why is needed; it is not public. A visitor's votes become acts of
 * at most `actVotes` each, the oldest first: where one fails, those before it stand, and the same again does the rest. Errors:
 * `invalid_request`, also for votes of which one does not exist; `not_found` for a visitor without votes;
 * `database_unavailable`.
 */
export async function excludeVotes(
  db: Database,
  actor: AuditActor,
  input: ExcludeVotesInput,
  actVotes = maxActVotes,
): Promise<ExcludedVotes> {
  const request = parseInput(inputSchema, input);
  const { note } = request;
  try {
    if (!("visitorId" in request)) {
      const voteIds = await findVotes(db, request.voteIds);
      return toExcluded([await exclude(db, actor, { note, voteIds, evidence: {} })]);
    }
    const { visitorId } = request;
    const acts: Act[] = [];
    for (let after: string | undefined; ; ) {
      const voteIds = await nextVotes(db, visitorId, after, actVotes);
      after = voteIds.at(-1);
      if (after === undefined) break;
      acts.push(await exclude(db, actor, { note, voteIds, evidence: { visitorId } }));
    }
    if (acts.length === 0) throw new AppError("not_found", { message: "This visitor has no votes." });
    return toExcluded(acts);
  } catch (error) {
    throw databaseError(error);
  }
}

type Act = { actId: string; votes: number; moved: number };

const toExcluded = (acts: readonly Act[]): ExcludedVotes => ({
  actIds: acts.map(({ actId }) => actId),
  votes: acts.reduce((sum, { votes }) => sum + votes, 0),
  moved: acts.reduce((sum, { moved }) => sum + moved, 0),
});

async function exclude(
  db: Database,
  actor: AuditActor,
  { note, voteIds, evidence }: { note: string; voteIds: string[]; evidence: Prisma.InputJsonObject },
): Promise<Act> {
  const actId = uuidv7();
  const effect = await effectOfVotes(db, voteIds, -1);
  const moves = await db.$transaction(
    async (tx) => {
      await recordAudit(tx, {
        ...{ actor, action: "votes.exclude", targetKind: "exclusion", targetId: actId },
        details: { votes: voteIds.length, note, ...evidence },
      });
      return storeAct(tx, {
        ...{ id: actId, actor, reason: "moderation", ruleVersion: null, note },
        ...{ evidence, effect, votes: voteIds.map((voteId) => ({ voteId, evidence: {} })) },
      });
    },
    { maxWait: 30_000, timeout: 120_000 },
  );
  return { actId, votes: voteIds.length, moved: moves.length };
}

async function findVotes(db: Database, voteIds: readonly string[]): Promise<string[]> {
  const ids = [...new Set(voteIds)];
  const found = await db.vote.findMany({ where: { id: { in: ids } }, select: { id: true } });
  if (found.length !== ids.length)
    throw new AppError("invalid_request", { param: "voteIds", message: "One of the votes does not exist." });
  return ids;
}

/** The visitor's next votes in the order of their ids. */
async function nextVotes(
  db: Database,
  visitorId: string,
  after: string | undefined,
  size: number,
): Promise<string[]> {
  const found = await db.vote.findMany({
    where: { ...votesOf(visitorId), id: after === undefined ? undefined : { gt: after } },
    orderBy: { id: "asc" },
    select: { id: true },
    take: size,
  });
  return found.map(({ id }) => id);
}

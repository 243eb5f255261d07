import type { Prisma } from "@/lib/db";
import { blindBoard, type CountRow, overallCategory } from "@/lib/leaderboard";
import type { Outcome } from "@/lib/protocol";
import { emptyPairCounts, type PairCounts } from "@/lib/rating";
import { boardChances } from "../anomaly/board-chances";
import { evidenceStateSchema } from "../anomaly/evidence";
import { findIdentityLeak } from "../rules/identity-leak";
import {
  type Knowledge,
  type SubjectRecord,
  subjectKey,
  type VoteFacts,
  visitorPromptKey,
} from "../rules/judge-votes";
import { namesInPlay } from "../rules/names-in-play";
import { hashPrompts } from "../rules/prompt-hash";
import { inSlices } from "./in-slices";

export type Batch = { votes: (VoteFacts & { votedAt: Date })[]; known: Knowledge };

type VoteRow = Prisma.VoteGetPayload<{ include: typeof voteInclude }>;

const voteInclude = {
  origin: true,
  visitor: { select: { mergedIntoId: true } },
  battle: {
    include: {
      modelA: { select: { id: true, name: true, displayName: true, organization: true } },
      modelB: { select: { id: true, name: true, displayName: true, organization: true } },
      turns: {
        where: { supersededAt: null },
        orderBy: { ordinal: "asc" },
        include: { responses: { orderBy: { attempt: "desc" } } },
      },
    },
  },
} as const satisfies Prisma.VoteInclude;

export type ReadOptions = {
  voteIds: readonly string[];
  promptKey: Buffer;
  promptHours: number;
};

/**
 * The votes to judge, in the order of their ids, and what is known before them, all of one moment: `tx` must be REPEATABLE READ.
 * The chances are of the votes that are counted and judged: everything that still waits, of this batch or behind it, is taken
 * out of the counts first.
 */
export async function readBatch(tx: Prisma.TransactionClient, options: ReadOptions): Promise<Batch> {
  const rows = await tx.vote.findMany({
    where: { id: { in: [...options.voteIds] } },
    orderBy: { id: "asc" },
    include: voteInclude,
  });
  const votes = await inSlices(factsOf(rows, options.promptKey));
  const modelCount = await tx.model.count();
  return {
    votes,
    known: {
      chances: await readChances(tx),
      modelCount,
      promptVotes: await readPromptVotes(tx, votes, options.promptHours),
      subjects: await readSubjects(tx, votes),
    },
  };
}

/** One vote after the other, since an answer may be long. */
function* factsOf(rows: readonly VoteRow[], promptKey: Buffer): Generator<void, Batch["votes"]> {
  const votes: Batch["votes"] = [];
  for (const row of rows) {
    votes.push(toFacts(row, promptKey));
    yield;
  }
  return votes;
}

function toFacts(row: VoteRow, promptKey: Buffer): Batch["votes"][number] {
  const { battle } = row;
  const hasText = battle.textDeletedAt === null;
  const turns = battle.turns.map(({ prompt, responses }) => {
    const shown = (side: "a" | "b") => responses.find((response) => response.side === side);
    return { prompt, a: shown("a"), b: shown("b") };
  });
  const texts = turns.map(({ prompt, a, b }) => ({ prompt, a: a?.text ?? "", b: b?.text ?? "" }));
  const isBlind = battle.kind === "blind" && battle.modelAId !== battle.modelBId;
  const last = turns.at(-1);
  const ends = [last?.a?.finishedAt, last?.b?.finishedAt].map((at) => at?.getTime() ?? Number.NaN);
  const begin = Math.min(
    last?.a?.createdAt.getTime() ?? Number.NaN,
    last?.b?.createdAt.getTime() ?? Number.NaN,
  );
  const timing = {
    characters: (last?.a?.text.length ?? 0) + (last?.b?.text.length ?? 0),
    sinceBegin: row.createdAt.getTime() - begin,
    sinceEnd: row.createdAt.getTime() - Math.max(...ends),
  };
  const hash = hasText
    ? hashPrompts(
        turns.map(({ prompt }) => prompt),
        promptKey,
      )
    : null;
  return {
    ...{ id: row.id, outcome: row.outcome, votedAt: row.createdAt },
    // All visitors of an account are one voter.
    visitorId: row.visitor.mergedIntoId ?? row.visitorId,
    ...{ modelAId: battle.modelAId, modelBId: battle.modelBId, isBlind },
    network: row.origin === null ? null : Buffer.from(row.origin.network).toString("hex"),
    // Clocks of two machines may differ by more than a vote takes: an order that cannot be says nothing.
    timing:
      Number.isFinite(timing.sinceEnd) && timing.sinceEnd >= 0 && timing.sinceBegin >= 0 ? timing : null,
    promptHash: hash === null ? null : hash.toString("hex"),
    leak: hasText && isBlind ? findIdentityLeak(texts, namesInPlay([battle.modelA, battle.modelB])) : null,
  };
}

type Waiting = { modelAId: string; modelBId: string; outcome: Outcome; votes: number };

async function readChances(tx: Prisma.TransactionClient) {
  const rows = await tx.pairCount.findMany({ where: { board: blindBoard, category: overallCategory } });
  const waiting = await tx.$queryRaw<Waiting[]>`
    SELECT model_a_id AS "modelAId", model_b_id AS "modelBId", outcome::text AS outcome, count(*)::int AS votes
    FROM vote_check_queue AS queue JOIN votes ON votes.id = queue.vote_id JOIN battles ON battles.id = battle_id
      LEFT JOIN vote_categories AS facts ON facts.vote_id = votes.id
    WHERE COALESCE(facts.board, ${blindBoard}) = ${blindBoard}
      AND NOT EXISTS (SELECT FROM excluded_votes WHERE excluded_votes.vote_id = votes.id)
    GROUP BY 1, 2, 3`;
  const counts = new Map(rows.map((row) => [`${row.lowId} ${row.highId}`, { ...row }]));
  for (const { modelAId, modelBId, outcome, votes } of waiting) {
    const isALow = modelAId < modelBId;
    const row = counts.get(isALow ? `${modelAId} ${modelBId}` : `${modelBId} ${modelAId}`);
    if (row === undefined) continue;
    if (outcome === "tie") row.tie -= votes;
    else if (outcome === "both_bad") row.bothBad -= votes;
    else if ((outcome === "a") === isALow) row.winLow -= votes;
    else row.winHigh -= votes;
  }
  return chancesOf([...counts.values()]);
}

function chancesOf(rows: readonly CountRow[]) {
  const modelIds = [...new Set(rows.flatMap((row) => [row.lowId, row.highId]))].sort();
  const index = new Map(modelIds.map((id, position) => [id, position]));
  const pairs = rows.map(
    (row): PairCounts => ({
      ...emptyPairCounts(index.get(row.lowId) ?? 0, index.get(row.highId) ?? 0),
      ...{ winI: row.winLow, winJ: row.winHigh, tie: row.tie, bothBad: row.bothBad },
    }),
  );
  return boardChances(modelIds, pairs);
}

async function readPromptVotes(
  tx: Prisma.TransactionClient,
  votes: Batch["votes"],
  hours: number,
): Promise<Map<string, number>> {
  const hashes = [...new Set(votes.flatMap(({ promptHash }) => promptHash ?? []))];
  const oldest = votes[0]?.votedAt ?? new Date();
  const rows = await tx.$queryRaw<{ hash: string; visitorId: string; votes: number }[]>`
    SELECT encode(prompt_hash, 'hex') AS hash, COALESCE(merged_into_id, visitors.id) AS "visitorId", count(*)::int AS votes
    FROM vote_checks JOIN votes ON votes.id = vote_id JOIN visitors ON visitors.id = visitor_id
    WHERE prompt_hash IN (SELECT decode(hash, 'hex') FROM unnest(${hashes}::text[]) AS hash)
      AND voted_at > ${oldest}::timestamptz - make_interval(hours => ${hours}::int)
    GROUP BY 1, 2`;
  const found = new Map<string, number>();
  for (const { hash, visitorId, votes: count } of rows) {
    found.set(visitorPromptKey(hash, visitorId), count);
    found.set(hash, (found.get(hash) ?? 0) + count);
  }
  return found;
}

async function readSubjects(
  tx: Prisma.TransactionClient,
  votes: Batch["votes"],
): Promise<Map<string, SubjectRecord>> {
  const ids = [
    ...new Set(
      votes.flatMap(({ visitorId, network }) => [visitorId, ...(network === null ? [] : [network])]),
    ),
  ];
  const rows = await tx.voterEvidence.findMany({ where: { subjectId: { in: ids } } });
  return new Map(
    rows.flatMap(({ subject, subjectId, state, quarantinedAt }): [string, SubjectRecord][] => {
      // Evidence of another version of the test is none of this one's: it begins anew.
      const known = evidenceStateSchema.safeParse(state);
      if (!known.success) return [];
      return [[subjectKey(subject, subjectId), { state: known.data, isQuarantined: quarantinedAt !== null }]];
    }),
  );
}

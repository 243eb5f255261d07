import { type Database, databaseError } from "@/lib/db";
import type { Outcome } from "@/lib/protocol";
import { addOutcome, fitBoard } from "@/lib/rating";
import { blindBoard, overallCategory, selfBoard } from "./count-vote";
import { type CountRow, fitCounts } from "./fit-counts";

/** How far models move on each board: {board: [[modelId, score before, score after], …]}; null where a model has no score. */
export type BoardEffect = Record<string, [modelId: string, before: number | null, after: number | null][]>;

/** Points; what moves a model by less is left out, unless it took part. */
const leastMove = 0.01;

type Row = { board: string; modelAId: string; modelBId: string; outcome: Outcome; counts: boolean };

/**
 * What leaving these votes out (−1) or taking them in (1) does to the scores of every board (`overall`), by a fit with
 * them and one without, of the counts as they stand now. Only votes whose standing would change are looked at. Nothing is
 * changed. Milliseconds a board, whatever the number of votes. Errors: `database_unavailable`.
 */
export async function effectOfVotes(
  db: Database,
  voteIds: readonly string[],
  change: -1 | 1,
): Promise<BoardEffect> {
  try {
    const votes = await db.$queryRaw<Row[]>`
      SELECT COALESCE(board, ${blindBoard}) AS board, model_a_id AS "modelAId", model_b_id AS "modelBId",
        outcome::text AS outcome,
        NOT EXISTS (SELECT FROM excluded_votes WHERE excluded_votes.vote_id = votes.id) AS counts
      FROM votes JOIN battles ON battles.id = battle_id LEFT JOIN vote_categories ON vote_categories.vote_id = votes.id
      WHERE votes.id = ANY (${[...voteIds]}::uuid[])`;
    const moving = votes.filter(({ board, counts }) => board !== selfBoard && counts === (change === -1));
    const effect: BoardEffect = {};
    for (const board of [...new Set(moving.map((vote) => vote.board))].sort()) {
      const rows = await db.pairCount.findMany({ where: { board, category: overallCategory } });
      effect[board] = effectOn(
        rows.filter((row) => row.winLow + row.winHigh + row.tie + row.bothBad > 0),
        moving.filter((vote) => vote.board === board),
        change,
      );
    }
    return effect;
  } catch (error) {
    throw databaseError(error);
  }
}

function effectOn(rows: readonly CountRow[], votes: readonly Row[], change: -1 | 1): BoardEffect[string] {
  // A pair without any vote still lets the vote in.
  const known = new Set(rows.map(({ lowId, highId }) => `${lowId} ${highId}`));
  const added = votes.flatMap(({ modelAId, modelBId }): CountRow[] => {
    const [lowId, highId] = modelAId < modelBId ? [modelAId, modelBId] : [modelBId, modelAId];
    if (known.has(`${lowId} ${highId}`)) return [];
    known.add(`${lowId} ${highId}`);
    return [{ lowId, highId, winLow: 0, winHigh: 0, tie: 0, bothBad: 0 }];
  });
  const fit = fitCounts([...rows, ...added], { votes: 0, voters: 0 });
  const index = new Map(fit.modelIds.map((id, position) => [id, position]));
  const pairs = new Map(fit.pairs.map((pair) => [`${pair.i} ${pair.j}`, pair]));
  for (const { modelAId, modelBId, outcome } of votes) {
    const a = index.get(modelAId) ?? 0;
    const b = index.get(modelBId) ?? 0;
    const key = `${Math.min(a, b)} ${Math.max(a, b)}`;
    const pair = pairs.get(key);
    if (pair !== undefined) pairs.set(key, addOutcome(pair, a, outcome, change));
  }
  const after = fitBoard(fit.modelIds.length, [...pairs.values()]);
  const own = new Set(votes.flatMap(({ modelAId, modelBId }) => [modelAId, modelBId]));
  return fit.modelIds.flatMap((id, position): BoardEffect[string] => {
    const scores = [fit.board, after].map((board) => board.rows[position]?.rating?.score ?? null);
    const [old = null, fresh = null] = scores.map((score) =>
      score === null ? null : Math.round(score * 1e4) / 1e4,
    );
    const isMoved =
      old === null || fresh === null ? old !== fresh : Math.abs(fresh - old) >= leastMove || own.has(id);
    return isMoved ? [[id, old, fresh]] : [];
  });
}

import type { PersonalBoard, PersonalRow } from "@/lib/protocol";
import { addOutcome, fitBoard, type PairCounts } from "@/lib/rating";
import type { HistoryDeps } from "./deps";

/**
 * A board fitted from nothing but the visitor's own blind votes, with the intervals that so few votes give. It is made anew
 * each time and stored nowhere. Models that these votes cannot place say why.
 */
export async function personalBoard(
  { db }: Pick<HistoryDeps, "db">,
  visitorId: string,
): Promise<PersonalBoard> {
  const votes = await db.vote.findMany({
    // By the battle: a vote keeps the name under which it was cast, also where it has gone into an account.
    where: { battle: { visitorId, kind: "blind" } },
    select: { outcome: true, battle: { select: { modelAId: true, modelBId: true } } },
  });
  const modelIds = [...new Set(votes.flatMap(({ battle }) => [battle.modelAId, battle.modelBId]))].sort();
  if (modelIds.length === 0) return { votes: 0, rows: [] };
  const index = new Map(modelIds.map((id, position) => [id, position]));
  const pairs = new Map<string, PairCounts>();
  let counted = 0;
  for (const { outcome, battle } of votes) {
    // A model against itself says nothing about models.
    if (battle.modelAId === battle.modelBId) continue;
    const a = index.get(battle.modelAId) ?? 0;
    const [i, j] = [a, index.get(battle.modelBId) ?? 0].sort((x, y) => x - y) as [number, number];
    const key = `${i} ${j}`;
    const pair = pairs.get(key) ?? { i, j, winI: 0, winJ: 0, tie: 0, bothBad: 0 };
    pairs.set(key, addOutcome(pair, a, outcome, 1));
    counted += 1;
  }
  const board = fitBoard(modelIds.length, [...pairs.values()]);
  const models = await db.model.findMany({
    where: { id: { in: modelIds } },
    select: { id: true, name: true, displayName: true, organization: true },
  });
  const rows = models.flatMap((model): PersonalRow[] => {
    const row = board.rows[index.get(model.id) ?? -1];
    if (row === undefined) return [];
    const { name, displayName, organization } = model;
    return [
      { model: name, displayName, organization, votes: row.votes, winRate: row.winRate, ...toRating(row) },
    ];
  });
  rows.sort(
    (x, y) =>
      (y.rating?.score ?? -Infinity) - (x.rating?.score ?? -Infinity) ||
      y.votes - x.votes ||
      x.displayName.localeCompare(y.displayName),
  );
  return { votes: counted, rows };
}

function toRating(
  row: ReturnType<typeof fitBoard>["rows"][number],
): Pick<PersonalRow, "rating" | "unratedReason"> {
  if (row.rating === null) return { rating: null, unratedReason: row.unratedReason };
  const { score, lower, upper, rankBest, rankWorst, isPreliminary, tier } = row.rating;
  return {
    rating: { score, lower, upper, rankBest, rankWorst, isPreliminary, tier },
    unratedReason: null,
  };
}

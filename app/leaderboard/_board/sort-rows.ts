import type { LeaderboardRow } from "@/lib/protocol";

export type RatedRow = LeaderboardRow & { rating: NonNullable<LeaderboardRow["rating"]> };

export type SortKey = "score" | "model" | "votes" | "winRate" | "elo";
export type Sorting = { key: SortKey; isDescending: boolean };

/** The board's own order: tiers from the best, and within a tier by score. */
export const boardOrder: Sorting = { key: "score", isDescending: true };

export function isBoardOrder(sorting: Sorting): boolean {
  return sorting.key === "score" && sorting.isDescending;
}

export function isRated(row: LeaderboardRow): row is RatedRow {
  return row.rating !== null;
}

/** Names begin with A, numbers with the largest; a second press on the same head turns it round. */
export function nextSorting(current: Sorting, key: SortKey): Sorting {
  if (current.key === key) return { key, isDescending: !current.isDescending };
  return { key, isDescending: key !== "model" };
}

export function sortRows(rows: readonly RatedRow[], { key, isDescending }: Sorting): RatedRow[] {
  const direction = isDescending ? -1 : 1;
  return rows.toSorted((left, right) => direction * compare(left, right, key) || byName(left, right));
}

export function matches(row: LeaderboardRow, query: string): boolean {
  const wanted = query.trim().toLocaleLowerCase();
  return [row.displayName, row.model, row.organization ?? ""].some((text) =>
    text.toLocaleLowerCase().includes(wanted),
  );
}

export type Tier = { number: number; leaderLower: number; rows: RatedRow[] };

/** Rows in the board's order, gathered by tier. The leader's lower bound comes from the whole tier, whatever a search hides. */
export function groupByTier(shown: readonly RatedRow[], all: readonly RatedRow[]): Tier[] {
  const tiers = new Map<number, Tier>();
  for (const row of sortRows(shown, boardOrder)) {
    const { tier } = row.rating;
    const group = tiers.get(tier) ?? { number: tier, leaderLower: leaderLowerOf(tier, all), rows: [] };
    group.rows.push(row);
    tiers.set(tier, group);
  }
  return [...tiers.values()].sort((left, right) => left.number - right.number);
}

export function leaderLowerOf(tier: number, all: readonly RatedRow[]): number {
  const inTier = all.filter((row) => row.rating.tier === tier);
  const leader = inTier.reduce<RatedRow | null>(
    (best, row) => (best === null || row.rating.score > best.rating.score ? row : best),
    null,
  );
  return leader?.rating.lower ?? 0;
}

function compare(left: RatedRow, right: RatedRow, key: SortKey): number {
  switch (key) {
    case "score":
      return left.rating.score - right.rating.score;
    case "votes":
      return left.votes - right.votes;
    case "winRate":
      return (left.winRate ?? -1) - (right.winRate ?? -1);
    case "elo":
      return left.elo - right.elo;
    case "model":
      return byName(left, right);
  }
}

function byName(left: LeaderboardRow, right: LeaderboardRow): number {
  return left.displayName.localeCompare(right.displayName, "en", { numeric: true });
}

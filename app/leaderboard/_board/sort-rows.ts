import type { LeaderboardRow } from "@/lib/protocol";

export type RatedRow = LeaderboardRow & { rating: NonNullable<LeaderboardRow["rating"]> };

export const sortKeys = [
  "score",
  "model",
  "votes",
  "winRate",
  "elo",
  "organization",
  "licence",
  "context",
  "price",
] as const;
export type SortKey = (typeof sortKeys)[number];
export type Sorting = { key: SortKey; isDescending: boolean };

/** The board's own order: tiers from the best, and within a tier by score. */
export const boardOrder: Sorting = { key: "score", isDescending: true };

export function isBoardOrder(sorting: Sorting): boolean {
  return sorting.key === "score" && sorting.isDescending;
}

export function isRated(row: LeaderboardRow): row is RatedRow {
  return row.rating !== null;
}

const textKeys: ReadonlySet<SortKey> = new Set(["model", "organization", "licence"]);

/** Names begin with A, numbers with the largest; a second press on the same head turns it round. */
export function nextSorting(current: Sorting, key: SortKey): Sorting {
  if (current.key === key) return { key, isDescending: !current.isDescending };
  return { key, isDescending: !textKeys.has(key) };
}

export function sortRows(rows: readonly RatedRow[], { key, isDescending }: Sorting): RatedRow[] {
  const direction = isDescending ? -1 : 1;
  return rows.toSorted((left, right) => {
    // What is not known stands last, whichever way round.
    const gap = Number(isUnknown(left, key)) - Number(isUnknown(right, key));
    return gap || direction * compare(left, right, key) || byName(left, right);
  });
}

function isUnknown(row: LeaderboardRow, key: SortKey): boolean {
  if (key === "organization") return row.organization === null;
  if (key === "licence") return row.licence === null;
  if (key === "context") return row.contextLength === null;
  if (key === "price") return row.price === null;
  return false;
}

/** Licences of the rows, each once, for the filter. */
export function licencesOf(rows: readonly LeaderboardRow[]): string[] {
  const found = rows.flatMap((row) => (row.licence === null ? [] : [row.licence]));
  return [...new Set(found)].sort((left, right) => left.localeCompare(right, "en", { numeric: true }));
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
    case "organization":
      return byText(left.organization, right.organization);
    case "licence":
      return byText(left.licence, right.licence);
    case "context":
      return (left.contextLength ?? 0) - (right.contextLength ?? 0);
    case "price":
      // What an answer costs is mostly what its output costs.
      return (left.price?.outputMicros ?? 0) - (right.price?.outputMicros ?? 0);
  }
}

function byText(left: string | null, right: string | null): number {
  return (left ?? "").localeCompare(right ?? "", "en", { numeric: true });
}

function byName(left: LeaderboardRow, right: LeaderboardRow): number {
  return left.displayName.localeCompare(right.displayName, "en", { numeric: true });
}

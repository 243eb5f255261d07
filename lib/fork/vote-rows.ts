import type { Category } from "@/lib/protocol";
import type { VoteColumns } from "./vote-file";

/** Votes as fits take them, with what a covariate may need. */
export type VoteRows = {
  modelCount: number;
  size: number;
  a: Int32Array;
  b: Int32Array;
  outcome: Uint8Array;
  voter: Int32Array;
  style: Record<StyleFeature, { a: ArrayLike<number>; b: ArrayLike<number> }>;
};

export const styleFeatures = ["tokens", "headers", "bold", "lists"] as const;
export type StyleFeature = (typeof styleFeatures)[number];

/**
 * The rows of a category in which `isKept` holds, in the order of the file.
 *
 * @param place of each model of the file in the fit, −1 to leave its votes out
 */
export function selectRows(
  votes: VoteColumns,
  category: Category,
  {
    modelCount,
    place,
    isKept,
  }: { modelCount: number; place: ArrayLike<number>; isKept: (voter: number) => boolean },
): VoteRows {
  const isIn = inCategory(votes, category);
  const rows: number[] = [];
  for (let row = 0; row < votes.size; row++) {
    if (
      isIn(row) &&
      (place[votes.a[row] as number] as number) >= 0 &&
      (place[votes.b[row] as number] as number) >= 0 &&
      isKept(votes.voter[row] as number)
    )
      rows.push(row);
  }
  const take = (column: ArrayLike<number>) => Int32Array.from(rows, (row) => column[row] as number);
  const placed = (column: ArrayLike<number>) =>
    Int32Array.from(rows, (row) => place[column[row] as number] as number);
  return {
    modelCount,
    size: rows.length,
    a: placed(votes.a),
    b: placed(votes.b),
    outcome: Uint8Array.from(rows, (row) => votes.outcome[row] as number),
    voter: take(votes.voter),
    style: {
      tokens: { a: take(votes.tokensA), b: take(votes.tokensB) },
      headers: { a: take(votes.headersA), b: take(votes.headersB) },
      bold: { a: take(votes.boldA), b: take(votes.boldB) },
      lists: { a: take(votes.listsA), b: take(votes.listsB) },
    },
  };
}

function inCategory(votes: VoteColumns, category: Category): (row: number) => boolean {
  if (category === "overall") return () => true;
  const bit = (votes.categories as readonly string[]).indexOf(category);
  if (bit >= 0) return (row) => (((votes.categoryBits[row] as number) >> bit) & 1) === 1;
  const language = votes.languages.findIndex((code) => `lang_${code}` === category);
  return language < 0 ? () => false : (row) => votes.language[row] === language;
}

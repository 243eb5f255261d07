import type { BoardPairs } from "@/lib/protocol";

/** Votes of one pair: how many, and what part of them the model of the row has won, a tie of either kind ½. */
export type PairCell = { battles: number; share: number };

export type PairMatrix = {
  models: readonly { model: string; displayName: string }[];
  /** `cells[row][column]`; null where the two have not met, and on the diagonal. */
  cells: readonly (readonly (PairCell | null)[])[];
  maxBattles: number;
};

/** The first `limit` of the models that `isShown` lets through, in the board's order, against each other. */
export function toPairMatrix(
  { models, pairs }: Pick<BoardPairs, "models" | "pairs">,
  isShown: (model: string) => boolean,
  limit: number,
): PairMatrix {
  const places = new Map<number, number>();
  models.forEach((entry, index) => {
    if (isShown(entry.model) && places.size < limit) places.set(index, places.size);
  });
  const cells = Array.from({ length: places.size }, () =>
    Array.from({ length: places.size }, (): PairCell | null => null),
  );
  let maxBattles = 0;
  for (const [i, j, winI, winJ, tie, bothBad] of pairs) {
    const [row, column] = [places.get(i), places.get(j)];
    const battles = winI + winJ + tie + bothBad;
    if (row === undefined || column === undefined || row === column || battles === 0) continue;
    const share = (winI + (tie + bothBad) / 2) / battles;
    put(cells, row, column, { battles, share });
    put(cells, column, row, { battles, share: 1 - share });
    maxBattles = Math.max(maxBattles, battles);
  }
  const shown = [...places.keys()].flatMap((index) => models[index] ?? []);
  return {
    models: shown.map(({ model, displayName }) => ({ model, displayName })),
    cells,
    maxBattles,
  };
}

function put(cells: (PairCell | null)[][], row: number, column: number, cell: PairCell): void {
  const line = cells[row];
  if (line !== undefined) line[column] = cell;
}

/** Beyond these the figures on the ground would lose their contrast. */
const strongest = { accent: 42, fg: 22 } as const;

/** The ground of a share: blue above ½, grey below, white at ½. */
export function shareGround(share: number): string {
  return share >= 0.5
    ? mix("accent", (share - 0.5) * 2 * strongest.accent)
    : mix("fg", (0.5 - share) * 2 * strongest.fg);
}

/** The ground of a count: blue, by its part of the largest. */
export function countGround(battles: number, maxBattles: number): string {
  return mix("accent", (battles / Math.max(1, maxBattles)) * strongest.accent);
}

function mix(token: keyof typeof strongest, percent: number): string {
  return `color-mix(in oklab, var(--${token}) ${percent.toFixed(1)}%, var(--bg))`;
}

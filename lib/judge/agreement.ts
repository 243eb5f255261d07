/** Counts of one pair on one board, for the model whose name comes first. */
export type PairShares = { first: string; second: string; win: number; loss: number; tie: number };

export type Agreement = {
  /** Pairs with votes of both. */
  pairs: number;
  /**
   * Chance that a judge's vote and a human's vote on the same pair say the same, weighted by the judge's votes; ties of
   * both kinds are one outcome. Null without such pairs.
   */
  withTies: number | null;
  /** The same among votes that are no ties (Zheng et al. 2023, setup 2). */
  decided: number | null;
  /** Share of the pairs with a majority on both boards on which it is the same. */
  sameWinner: number | null;
};

/** Agreement of judge and humans from the pair counts of their boards. */
export function agreement(judge: readonly PairShares[], human: readonly PairShares[]): Agreement {
  const humanOf = new Map(human.map((pair) => [`${pair.first}|${pair.second}`, pair]));
  const all = { sum: 0, weight: 0 };
  const decided = { sum: 0, weight: 0 };
  const majority = { same: 0, pairs: 0 };
  let pairs = 0;
  for (const ours of judge) {
    const theirs = humanOf.get(`${ours.first}|${ours.second}`);
    const total = ours.win + ours.loss + ours.tie;
    const humanTotal = theirs === undefined ? 0 : theirs.win + theirs.loss + theirs.tie;
    if (theirs === undefined || total === 0 || humanTotal === 0) continue;
    pairs += 1;
    all.sum += (ours.win * theirs.win + ours.loss * theirs.loss + ours.tie * theirs.tie) / humanTotal;
    all.weight += total;
    const humanDecided = theirs.win + theirs.loss;
    if (humanDecided > 0) {
      decided.sum += (ours.win * theirs.win + ours.loss * theirs.loss) / humanDecided;
      decided.weight += ours.win + ours.loss;
    }
    if (ours.win !== ours.loss && theirs.win !== theirs.loss) {
      majority.pairs += 1;
      if (ours.win > ours.loss === theirs.win > theirs.loss) majority.same += 1;
    }
  }
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    pairs,
    withTies: share(all.sum, all.weight),
    decided: share(decided.sum, decided.weight),
    sameWinner: share(majority.same, majority.pairs),
  };
}

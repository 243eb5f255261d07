export type VoteTiming = {
  /** Characters of the two answers of the last turn. */
  characters: number;
  /** From the first character of that turn's answers, and from the end of the later one, to the vote; milliseconds. */
  sinceBegin: number;
  sinceEnd: number;
};

export type SpeedRule = {
  /** Shortest time between the end of the answers and the vote, in milliseconds. */
  minAfterMs: number;
  /** What nobody skims faster than, in characters a second. */
  maxCharactersPerSecond: number;
};

/**
 * Whether a vote came faster than a person can act: before anyone can see that voting has opened and press a button (simple
 * reactions take 200–250 ms), or after less time than the fastest skimming of the answers takes. Answers are read while they
 * are written, so the second counts from their beginning. Skilled readers skim about 60 characters a second; the default is
 * far above, because a glance may be enough for a verdict.
 */
export function isTooFast({ characters, sinceBegin, sinceEnd }: VoteTiming, rule: SpeedRule): boolean {
  if (sinceEnd < rule.minAfterMs) return true;
  return characters / Math.max(sinceBegin, 1) > rule.maxCharactersPerSecond / 1000;
}

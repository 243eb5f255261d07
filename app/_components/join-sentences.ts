/** Sentences in a row: Chinese ones follow each other without a blank. */
export function joinSentences(...sentences: readonly string[]): string {
  return sentences.reduce((joined, next) =>
    /[。；：！？]$/.test(joined) ? joined + next : `${joined} ${next}`,
  );
}

/**
 * Pieces of a text: words cut every eight letters, numbers every three digits, single Chinese and Japanese characters and
 * Korean syllables, runs of other signs. Close to what byte-pair encodings give on prose and code, and the same for every
 * model, which the models' own counts are not.
 */
const piece =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{M}]){1,8}|\p{N}{1,3}|[^\s\p{L}\p{M}\p{N}]{1,4}/gu;

/** Number of tokens of a text, whatever the model. O(length). */
export function countTokens(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(piece)) count++;
  return count;
}

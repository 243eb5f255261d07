/** Long enough for the list at the left, where the rest would be cut anyway. */
const maxGraphemes = 60;

/** The title of a conversation until its visitor gives it another: the beginning of the first message, on one line. */
export function titleOf(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  const graphemes = Array.from(new Intl.Segmenter().segment(line.slice(0, 2_000)), (part) => part.segment);
  if (graphemes.length <= maxGraphemes) return line;
  return `${graphemes.slice(0, maxGraphemes).join("").trimEnd()}…`;
}

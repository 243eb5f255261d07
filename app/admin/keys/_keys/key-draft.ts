/** `a, b` → ["a", "b"]; an empty box is an empty list, which means all. */
export const listOf = (text: string): string[] =>
  text
    .split(/[,，]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** The end of a day, in the reader's time zone, as ISO text; null: never; undefined: not a day. */
export function dayOf(text: string): string | null | undefined {
  const plain = text.trim();
  if (plain === "") return null;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(plain)) return undefined;
  const end = new Date(`${plain}T23:59:59`);
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}

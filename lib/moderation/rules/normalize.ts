/** Invisible characters that split words for a program and not for a reader. */
const invisible = /\u00ad|[\u200b-\u200f]|\u2060|\ufeff|[\ufe00-\ufe0f]/g;

/** Letters spelled one by one: "k i l l", "k.i.l.l". Four at least, so that initials stay. */
const spelled = /\b(?:\p{L}[\s.\-_*]){3,}\p{L}\b/gu;

/**
 * A text as the rules read it: one form for each character (full width, ligatures), small letters, plain apostrophes and
 * spaces, without what hides a word from a program.
 */
export function normalize(text: string): string {
  return text
    .normalize("NFKC")
    .replace(invisible, "")
    .toLowerCase()
    .replace(/[\u2018\u2019\u02bc`]/g, "'")
    .replace(/\s+/g, " ")
    .replace(spelled, (word) => word.replace(/[\s.\-_*]/g, ""));
}

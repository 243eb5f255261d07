import { askModerator } from "./ask-moderator";
import type { ModeratedContent, Moderator, Opinion } from "./types";

/** So much of a part stands in the next one too: what is said across a border is read whole in one of them. */
const overlapCharacters = 400;
/** Parts of one text that are with a moderator at a time. */
const atOnce = 4;
/** More than the longest battle has, at the 8,000 characters that a classifier reads. */
const maxParts = 160;

type Asked = {
  /** A score from which on something counts as found. */
  threshold: number;
  /** For one part. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
};

/**
 * What a moderator says of a text of any length, or of an image; never rejects. A text that is longer than it reads at once goes to
 * it in parts, all of them: what was found in any, with the greatest score, is found in the text; else a part that could not be
 * checked leaves the whole unchecked. All of them end with the signal.
 */
export async function askInParts(
  moderator: Moderator,
  content: ModeratedContent,
  { threshold, timeoutMs, signal }: Asked,
): Promise<Opinion> {
  const startedAt = performance.now();
  const ask = (part: ModeratedContent) => {
    const limit = AbortSignal.timeout(timeoutMs);
    return askModerator(
      moderator,
      part,
      threshold,
      signal === undefined ? limit : AbortSignal.any([signal, limit]),
    );
  };
  const { maxCharacters } = moderator;
  if (content.kind !== "text" || maxCharacters === null || content.text.length <= maxCharacters) {
    return await ask(content);
  }
  const parts = partsOf(content.text, maxCharacters);
  if (parts.length > maxParts) {
    const cause = new Error(`The text has ${content.text.length} characters: too many to be checked.`);
    const { name, version } = moderator;
    return { moderator: name, version, about: "text", durationMs: 0, kind: "failed", cause };
  }
  const opinions: Opinion[] = [];
  const left = parts.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const text of left) opinions.push(await ask({ kind: "text", text }));
    }),
  );
  return { ...opinions.reduce(worse), durationMs: performance.now() - startedAt };
}

/** A text in parts of so many characters at most, each of which begins before the one before it ends. */
export function partsOf(text: string, maxCharacters: number): string[] {
  const step = Math.max(1, maxCharacters - overlapCharacters);
  const parts: string[] = [];
  for (let start = 0; ; start += step) {
    const end = start + maxCharacters;
    // A pair of surrogates may be cut in half; it is whole in the neighbour.
    parts.push(text.slice(start, end).toWellFormed());
    if (end >= text.length) return parts;
  }
}

const ranks = { clear: 0, failed: 1, found: 2 } as const satisfies Record<Opinion["kind"], number>;

function worse(one: Opinion, other: Opinion): Opinion {
  if (one.kind === "found" && other.kind === "found") return other.score > one.score ? other : one;
  return ranks[other.kind] > ranks[one.kind] ? other : one;
}

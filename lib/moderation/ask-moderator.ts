import type { ModerationCategory } from "@/lib/protocol";
import type { ModeratedContent, Moderator, Opinion } from "./types";

/** What a moderator says of a text or an image at a threshold; never rejects: a failure is an opinion too. */
export async function askModerator(
  moderator: Moderator,
  content: ModeratedContent,
  threshold: number,
  signal: AbortSignal,
): Promise<Opinion> {
  const startedAt = performance.now();
  const { name, version } = moderator;
  const measured = () => ({
    ...{ moderator: name, version, about: content.kind },
    durationMs: performance.now() - startedAt,
  });
  try {
    const scores = await moderator.assess(content, signal);
    let worst: { category: ModerationCategory; score: number } | null = null;
    for (const [category, score] of scores) {
      if (score >= threshold && score > (worst?.score ?? -1)) worst = { category, score };
    }
    return worst === null ? { ...measured(), kind: "clear" } : { ...measured(), kind: "found", ...worst };
  } catch (cause) {
    return { ...measured(), kind: "failed", cause };
  }
}

import { challengeHeader, challengeSchema } from "@/lib/protocol";
import { solveChallenge } from "./solve-challenge";

/**
 * The header that answers a challenge of the site; null for one that cannot be understood. A module of its own, so that the
 * schema and its library are fetched only by browsers that are challenged.
 */
export async function answerChallenge(
  challenge: unknown,
  signal: AbortSignal,
): Promise<Record<string, string> | null> {
  const understood = challengeSchema.safeParse(challenge);
  if (!understood.success) return null;
  return { [challengeHeader]: await solveChallenge(understood.data, signal) };
}

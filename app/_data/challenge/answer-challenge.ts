import { ApiError } from "@/app/_data/api-error";
import { challengeHeader, challengeSchema } from "@/lib/protocol";
import { solveChallenge } from "./solve-challenge";

/**
 * The header that answers a challenge of the site. A module of its own, so that the schema and its library are fetched only by
 * browsers that are challenged. Errors: `challenge_failed` where it cannot be understood or solved; the signal's reason.
 */
export async function answerChallenge(
  challenge: unknown,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const understood = challengeSchema.safeParse(challenge);
  if (!understood.success) throw new ApiError("challenge_failed", {}, understood.error);
  try {
    return { [challengeHeader]: await solveChallenge(understood.data, signal) };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError("challenge_failed", {}, error);
  }
}

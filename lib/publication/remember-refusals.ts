import { createHash } from "node:crypto";
import { type AppError, isAppError } from "@/lib/errors";
import type { Moderation } from "@/lib/moderation";
import type { Settings } from "@/lib/settings";

/** So long the same answer is given; a moderator outside may have changed its mind by then. */
const keptMs = 900_000;
const mostKept = 5_000;

/**
 * The chain, which is not asked again about a text that it has just refused: the same request may be sent as often as one likes,
 * and each time every moderator would read it. Other settings of moderation are another question. Each server remembers for itself.
 */
export function rememberRefusals(
  moderation: Pick<Moderation, "admit">,
  settings: Pick<Settings, "current">,
  now: () => number = performance.now.bind(performance),
): Pick<Moderation, "admit"> {
  const refusals = new Map<string, { error: AppError; until: number }>();

  return {
    async admit(request) {
      const { surface, subjectId, text, images } = request;
      const asked = { surface, subjectId, text, images, settings: settings.current().moderation };
      const key = createHash("sha256").update(JSON.stringify(asked)).digest("base64url");
      const known = refusals.get(key);
      if (known !== undefined && known.until > now()) throw known.error;
      try {
        await moderation.admit(request);
      } catch (error) {
        if (isAppError(error) && error.code === "content_refused") {
          refusals.delete(key);
          refusals.set(key, { error, until: now() + keptMs });
          // The oldest goes first.
          for (const old of refusals.keys()) {
            if (refusals.size <= mostKept) break;
            refusals.delete(old);
          }
        }
        throw error;
      }
    },
  };
}

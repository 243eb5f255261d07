import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import type { Controller } from "@/lib/controller";
import { type Database, databaseError } from "@/lib/db";
import type { ServerEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import type { ModerationSurface } from "@/lib/protocol";
import type { Settings, SiteSettings } from "@/lib/settings";
import { askModerator } from "./ask-moderator";
import { createEndpointModerator } from "./endpoint-moderator";
import { createModelModerator } from "./model-moderator";
import { builtInRules } from "./rules";
import type { Moderator, Opinion } from "./types";

export type ModerationDeps = {
  db: Database;
  settings: Pick<Settings, "current">;
  controller: Pick<Controller, "dispatch">;
  env: Pick<ServerEnv, "ARENA_MODERATION_URL" | "ARENA_MODERATION_KEY" | "ARENA_MODERATION_MODEL">;
  logger: Pick<Logger, "warn">;
};

export type Moderation = {
  /**
   * Lets a visitor's text through, or says why not. Errors: `forbidden` for a visitor whom a moderator has stopped;
   * `content_refused` with `details.category`; `moderation_unavailable` where a moderator failed and the site is closed to
   * what is unchecked; `database_unavailable`; the signal's reason.
   */
  admit(request: {
    surface: Exclude<ModerationSurface, "answer">;
    visitorId: string;
    text: string;
    signal?: AbortSignal;
  }): Promise<void>;
  /** Looks at a finished answer, and puts it into the moderators' queue where something is found. Returns at once. */
  review(kind: "response" | "message", id: string, text: string): void;
  /** Settles when everything that was found so far is stored. */
  settled(): Promise<void>;
};

const thresholdOf = {
  battle_prompt: "battlePrompt",
  chat_prompt: "chatPrompt",
  answer: "answer",
  publication: "publication",
} as const satisfies Record<ModerationSurface, keyof SiteSettings["moderation"]["thresholds"]>;

/**
 * The chain: the built-in rules first, which cost microseconds; then, side by side, whatever else the site uses. What each
 * said is stored behind the caller's back, so that no stream waits for it.
 */
export function createModeration({ db, settings, controller, env, logger }: ModerationDeps): Moderation {
  const endpoint =
    env.ARENA_MODERATION_URL === undefined
      ? null
      : createEndpointModerator({
          url: env.ARENA_MODERATION_URL,
          key: env.ARENA_MODERATION_KEY,
          model: env.ARENA_MODERATION_MODEL,
        });
  const storing = new Set<Promise<void>>();

  const later = (work: () => Promise<void>, message: string): void => {
    const running = work()
      .catch((error: unknown) => logger.warn({ err: error }, message))
      .finally(() => storing.delete(running));
    storing.add(running);
  };

  const outsiders = ({ usesEndpoint, classifierModel }: SiteSettings["moderation"]): Moderator[] => [
    ...(endpoint !== null && usesEndpoint ? [endpoint] : []),
    ...(classifierModel === null ? [] : [createModelModerator(controller, classifierModel)]),
  ];

  const opinionsOf = async (surface: ModerationSurface, text: string, signal?: AbortSignal) => {
    const { moderation } = settings.current();
    if (!moderation.isOn) return [];
    const threshold = moderation.thresholds[thresholdOf[surface]];
    const limit = AbortSignal.timeout(moderation.timeoutMs);
    const both = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    const first = await askModerator(builtInRules, text, threshold, both);
    if (first.kind === "found") return [first];
    const others = outsiders(moderation).map((moderator) => askModerator(moderator, text, threshold, both));
    const opinions = [first, ...(await Promise.all(others))];
    signal?.throwIfAborted();
    for (const opinion of opinions) {
      if (opinion.kind === "failed") {
        logger.warn({ err: opinion.cause, moderator: opinion.moderator }, "a moderator failed");
      }
    }
    return opinions;
  };

  const store = async (
    surface: ModerationSurface,
    subjectId: string | null,
    opinions: readonly Opinion[],
  ) => {
    const data = opinions.map((opinion) => ({
      id: uuidv7(),
      ...{ surface, subjectId },
      moderator: opinion.moderator,
      version: opinion.version,
      durationMs: opinion.durationMs,
      outcome: outcomeOf(surface, opinion),
      category: opinion.kind === "found" ? opinion.category : null,
      score: opinion.kind === "found" ? opinion.score : null,
    }));
    await db.moderationResult.createMany({ data });
  };

  return {
    async admit({ surface, visitorId, text, signal }) {
      await requireEnabled(db, visitorId);
      const opinions = await opinionsOf(surface, text, signal);
      if (opinions.length > 0) {
        later(() => store(surface, null, opinions), "what moderators said is not stored");
      }
      const found = opinions.find((opinion) => opinion.kind === "found");
      if (found !== undefined) {
        throw new AppError("content_refused", { details: { category: found.category } });
      }
      const isUnchecked = opinions.some((opinion) => opinion.kind === "failed");
      if (isUnchecked && settings.current().moderation.onFailure === "closed") {
        throw new AppError("moderation_unavailable");
      }
    },
    review(kind, id, text) {
      if (text.trim() === "") return;
      later(async () => {
        const opinions = await opinionsOf("answer", text);
        if (opinions.length === 0) return;
        await store("answer", id, opinions);
        const found = opinions.find((opinion) => opinion.kind === "found");
        const isUnchecked = opinions.some((opinion) => opinion.kind === "failed");
        const isClosed = settings.current().moderation.onFailure === "closed";
        if (found === undefined && !(isUnchecked && isClosed)) return;
        await db.moderationFlag.create({
          data: {
            ...{ id: uuidv7(), subjectKind: kind, subjectId: id },
            // An answer has been read by the time it is checked: what could not be checked, a person looks at.
            reason: found?.category ?? "unchecked",
            score: found?.score ?? null,
          },
        });
      }, "an answer is not moderated");
    },
    async settled() {
      while (storing.size > 0) await Promise.all(storing);
    },
  };
}

function outcomeOf(
  surface: ModerationSurface,
  { kind }: Opinion,
): "passed" | "flagged" | "refused" | "failed" {
  if (kind === "failed") return "failed";
  if (kind === "clear") return "passed";
  return surface === "answer" ? "flagged" : "refused";
}

async function requireEnabled(db: Database, visitorId: string): Promise<void> {
  let visitor: { disabledAt: Date | null } | null;
  try {
    visitor = await db.visitor.findUnique({ where: { id: visitorId }, select: { disabledAt: true } });
  } catch (error) {
    throw databaseError(error);
  }
  if (visitor !== null && visitor.disabledAt !== null) {
    throw new AppError("forbidden", { message: "A moderator has stopped this visitor from sending more." });
  }
}

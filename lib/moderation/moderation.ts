import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import { requireNotStopped } from "@/lib/accounts";
import { readImages } from "@/lib/attachments";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import type { ServerEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import type { ModerationSurface } from "@/lib/protocol";
import type { Settings, SiteSettings } from "@/lib/settings";
import { askInParts } from "./ask-in-parts";
import { createEndpointModerator } from "./endpoint-moderator";
import { createModelModerator } from "./model-moderator";
import { Patience } from "./patience";
import { builtInRules } from "./rules";
import type { ModeratedContent, Moderator, Opinion } from "./types";

export type ModerationDeps = {
  db: Database;
  settings: Pick<Settings, "current">;
  controller: Pick<Controller, "dispatch">;
  env: Pick<
    ServerEnv,
    "ARENA_MODERATION_URL" | "ARENA_MODERATION_KEY" | "ARENA_MODERATION_MODEL" | "ARENA_MODERATION_IMAGES"
  >;
  logger: Pick<Logger, "warn">;
};

export type Moderation = {
  /**
   * Lets a visitor's text and images through, or says why not. Images are looked at by those moderators that can; where there is
   * none, they pass. Errors: `visitor_stopped`; `content_refused` with `details.category` and, for an image, `details.part`;
   * `moderation_unavailable` where a moderator failed and the site is closed to what is unchecked; `database_unavailable`; the
   * signal's reason.
   */
  admit(request: AdmitRequest): Promise<void>;
  /** Looks at a finished answer, and puts it into the moderators' queue where something is found. Returns at once. */
  review(kind: "response" | "message", id: string, text: string): void;
  /** Settles when everything that was found so far is stored. */
  settled(): Promise<void>;
  /** Waits for no moderator any more, now or later: what it has not said by now counts as a failure of its. */
  hurry(): void;
};

export type AdmitRequest = {
  surface: Exclude<ModerationSurface, "answer">;
  visitorId: string;
  text: string;
  /** Ids of the visitor's own attachments that go with it; what is not theirs is left for others to refuse. */
  images?: readonly string[];
  /** What the results are stored under: the battle that is to be published. */
  subjectId?: string;
  signal?: AbortSignal;
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
          // OpenAI's models of this name take images; of another one the operator has to say so.
          takesImages:
            env.ARENA_MODERATION_IMAGES ?? env.ARENA_MODERATION_MODEL.startsWith("omni-moderation"),
        });
  const storing = new Set<Promise<void>>();
  const patience = new Patience();

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

  const opinionsOf = async (
    surface: ModerationSurface,
    text: string,
    imagesOf: () => Promise<string[]>,
    signal?: AbortSignal,
  ): Promise<Opinion[]> => {
    const { moderation } = settings.current();
    if (!moderation.isOn) return [];
    const threshold = moderation.thresholds[thresholdOf[surface]];
    const opinions = await patience.during(async (hurry) => {
      const { timeoutMs } = moderation;
      const both = signal === undefined ? hurry : AbortSignal.any([signal, hurry]);
      const ask = (moderator: Moderator, content: ModeratedContent) =>
        askInParts(moderator, content, { threshold, timeoutMs, signal: both });
      const first = await ask(builtInRules, { kind: "text", text });
      if (first.kind === "found") return [first];
      const others = outsiders(moderation);
      const seeing = others.filter(({ takesImages }) => takesImages);
      // Read only where somebody looks at them. Each is asked about alone: so it is known what a find is about, and OpenAI's
      // endpoint takes no more than one image in a request.
      const images = seeing.length === 0 ? [] : await imagesOf();
      return [
        first,
        ...(await Promise.all([
          ...others.map((moderator) => ask(moderator, { kind: "text", text })),
          ...images.flatMap((url) => seeing.map((moderator) => ask(moderator, { kind: "image", url }))),
        ])),
      ];
    });
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
    /** Who sent it; kept with what was refused. */
    visitorId: string | null = null,
  ) => {
    const data = opinions.map((opinion) => ({
      id: uuidv7(),
      ...{ surface, subjectId, about: opinion.about },
      visitorId: outcomeOf(surface, opinion) === "refused" ? visitorId : null,
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
    async admit({ surface, visitorId, text, images = [], subjectId = null, signal }) {
      await requireNotStopped(db, visitorId);
      const imagesOf = () => readImages(db, visitorId, images);
      const opinions = await opinionsOf(surface, text, imagesOf, signal);
      if (opinions.length > 0) {
        later(() => store(surface, subjectId, opinions, visitorId), "what moderators said is not stored");
      }
      const found = opinions.find((opinion) => opinion.kind === "found");
      if (found !== undefined) {
        const part = found.about === "image" ? { part: "image" } : {};
        throw new AppError("content_refused", { details: { category: found.category, ...part } });
      }
      const isUnchecked = opinions.some((opinion) => opinion.kind === "failed");
      if (isUnchecked && settings.current().moderation.onFailure === "closed") {
        throw new AppError("moderation_unavailable");
      }
    },
    review(kind, id, text) {
      if (text.trim() === "") return;
      later(async () => {
        const opinions = await opinionsOf("answer", text, async () => []);
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
    hurry: () => patience.end(),
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

import {
  type ModerationCategory,
  moderationCategories,
  type RateLimitDetails,
  rateLimitDetailsSchema,
} from "@/lib/protocol";
import type { ApiError, ApiErrorCode } from "./api-error";

/** Something that stands above the composer until the next action. */
export type Problem = {
  code: ApiErrorCode;
  /** Wall-clock time (ms) at which the same can be done again, where the server named one. */
  retryAt: number | null;
  /** Which limit was reached, where the server said so. */
  limit?: RateLimitDetails | null;
  /** What a refused text was refused for, where the server said so: a category of lib/protocol/moderation.ts. */
  category?: ModerationCategory | null;
  /** Whether it was an image that did not go through, not the text. */
  isAboutImage?: boolean;
  /** Whether a text went back into the composer. */
  isTextKept: boolean;
};

export function problemOf(error: ApiError, isTextKept: boolean): Problem {
  const waitMs = retryAfterMs(error);
  const limit = rateLimitDetailsSchema.safeParse(error.details);
  return {
    code: error.code,
    retryAt: error.code === "rate_limited" && waitMs !== null ? Date.now() + waitMs : null,
    limit: error.code === "rate_limited" && limit.success ? limit.data : null,
    category: moderationCategories.find((category) => category === error.details.category) ?? null,
    isAboutImage: error.details.part === "image",
    isTextKept,
  };
}

/** How long the server asks to wait; null where it names no time. */
export function retryAfterMs(error: ApiError): number | null {
  const seconds = error.details.retryAfterSeconds;
  return typeof seconds === "number" && seconds > 0 ? seconds * 1000 : null;
}

/** Failures that pass by themselves: the same call may succeed later. */
export function isPassing(error: ApiError): boolean {
  return ["network", "database_unavailable", "shutting_down", "internal", "rate_limited"].includes(
    error.code,
  );
}

import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "@/lib/errors";
import { challengeHeader } from "@/lib/protocol";
import type { SiteSettings } from "@/lib/settings";
import type { LimitedRequest, RequestLimits } from "./limit-requests";

export type LimitOptions = {
  limits: RequestLimits;
  settings: () => SiteSettings["limits"];
  /** Who sends the request: the visitor, and the account where one is signed in. Errors: `database_unavailable`. */
  identify: (
    cookieHeader: string | undefined,
  ) => Promise<{ visitorId: string | null; accountId: string | null }>;
};

/** Holds one request to the site's limits on what it does. Errors: those of {@link RequestLimits.take}. */
type LimitRequest = (request: FastifyRequest, actions: LimitedRequest["actions"]) => Promise<void>;

export function createRequestLimit({ limits, identify }: Omit<LimitOptions, "settings">): LimitRequest {
  return async (request, actions) => {
    const solution = request.headers[challengeHeader];
    await limits.take({
      ...{ actions, address: request.ip },
      ...(await identify(request.headers.cookie)),
      solution: typeof solution === "string" ? solution : undefined,
    });
  };
}

const battles = "/api/battles";
const chats = "/api/chat/conversations";

/**
 * What each route counts as; routes that are not here cost next to nothing or have limits of their own. What only sometimes goes to
 * the moderators counts as a prompt then, which the handler alone can know: a new system prompt of a chat (lib/chat), and a text that
 * is to be published (lib/publication).
 */
const limitedRoutes: Readonly<Record<string, LimitedRequest["actions"]>> = {
  [`POST ${battles}`]: ["battles", "prompts"],
  [`POST ${battles}/:id/turns`]: ["prompts"],
  [`POST ${battles}/:id/regenerate`]: ["prompts"],
  [`POST ${battles}/:id/retry`]: ["prompts"],
  [`POST ${battles}/:id/vote`]: ["votes"],
  // An image is as much work to keep as a prompt, and costs the site the most of what nobody has to send.
  "POST /api/attachments": ["prompts"],
  [`POST ${chats}`]: ["prompts"],
  [`POST ${chats}/:id/messages`]: ["prompts"],
  [`POST ${chats}/:id/regenerate`]: ["prompts"],
};

export function actionsOf(method: string, route: string | undefined): LimitedRequest["actions"] {
  return limitedRoutes[`${method} ${route ?? ""}`] ?? [];
}

/**
 * Holds every route of {@link limitedRoutes} to the site's limits, before its handler. Added to the app itself, before the
 * routes: a hook of a plugin would see the plugin's routes only.
 */
export function addLimits(app: FastifyInstance, { limits, settings, identify }: LimitOptions): void {
  const limitRequest = createRequestLimit({ limits, identify });
  app.addHook("preHandler", async (request) => {
    const actions = actionsOf(request.method, request.routeOptions.url);
    if (actions.length === 0) return;
    checkLength(request, settings().maxPromptCharacters);
    await limitRequest(request, actions);
  });
}

/** What the site allows may be less than the protocol does. */
function checkLength({ body }: FastifyRequest, maxCharacters: number): void {
  if (typeof body !== "object" || body === null) return;
  for (const field of ["prompt", "text"] as const) {
    const text = (body as Record<string, unknown>)[field];
    if (typeof text === "string" && text.length > maxCharacters)
      throw new AppError("invalid_request", {
        ...{ param: field, details: { maxCharacters } },
        message: `${field}: at most ${maxCharacters} characters are taken here.`,
      });
  }
}

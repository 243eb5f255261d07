import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ChargeTokens } from "@/lib/answers";
import { AppError } from "@/lib/errors";
import { challengeSolution, isByUnnamedProxy } from "@/lib/http";
import type { SiteSettings } from "@/lib/settings";
import type { LimitedRequest, RequestLimits } from "./limit-requests";

export type LimitOptions = {
  limits: RequestLimits;
  settings: () => SiteSettings["limits"];
  /** Who sends the request: the visitor, and the account where one is signed in. Errors: `database_unavailable`. */
  identify: (
    cookieHeader: string | undefined,
  ) => Promise<{ visitorId: string | null; accountId: string | null }>;
  /** Hears of every limited request that came by a proxy that TRUST_PROXY does not name. */
  onUnnamedProxy?: () => void;
};

/** Holds one request to the site's limits on what it does. As {@link RequestLimits.take}. */
type LimitRequest = (request: FastifyRequest, actions: LimitedRequest["actions"]) => Promise<ChargeTokens>;

export function createRequestLimit({ limits, identify }: Omit<LimitOptions, "settings">): LimitRequest {
  return async (request, actions) =>
    limits.take({
      ...{ actions, address: request.ip, isByUnnamedProxy: isByUnnamedProxy(request) },
      ...(await identify(request.headers.cookie)),
      solution: challengeSolution(request.headers),
    });
}

const battles = "/api/battles";
const chats = "/api/chat/conversations";

/**
 * What each route counts as; routes that are not here cost next to nothing or have limits of their own. `PATCH ${chats}/:id` counts
 * as a prompt only where it brings a new system prompt, which its handler alone can know: lib/chat counts it then.
 */
const limitedRoutes: Readonly<Record<string, LimitedRequest["actions"]>> = {
  [`POST ${battles}`]: ["battles", "prompts"],
  [`POST ${battles}/:id/turns`]: ["prompts"],
  [`POST ${battles}/:id/regenerate`]: ["prompts"],
  [`POST ${battles}/:id/retry`]: ["prompts"],
  [`POST ${battles}/:id/vote`]: ["votes"],
  // An image is as much work to keep as a prompt, and costs the site the most of what nobody has to send.
  "POST /api/attachments": ["prompts"],
  // Whoever reads a published page may flag it without a cookie, and is kept as a new visitor each time.
  "POST /api/flags": ["flags"],
  // The whole chain of moderators reads what is to be published.
  "POST /api/shares": ["publications"],
  [`POST ${battles}/:id/publication`]: ["publications"],
  [`POST ${chats}`]: ["prompts"],
  [`POST ${chats}/:id/messages`]: ["prompts"],
  [`POST ${chats}/:id/regenerate`]: ["prompts"],
};

function actionsOf({ method, routeOptions, body }: FastifyRequest): LimitedRequest["actions"] {
  const route = `${method} ${routeOptions.url ?? ""}`;
  // A yes is taken back whenever one wants to.
  const isWithdrawal = isRecord(body) && body["isGiven"] === false;
  if (route === `POST ${battles}/:id/publication` && isWithdrawal) return [];
  return limitedRoutes[route] ?? [];
}

/**
 * Holds every route of {@link limitedRoutes} to the site's limits, before its handler. Added to the app itself, before the
 * routes: a hook of a plugin would see the plugin's routes only. Gives what charges the answers that a request of these asks for.
 */
export function addLimits(
  app: FastifyInstance,
  { limits, settings, identify, onUnnamedProxy }: LimitOptions,
): (request: FastifyRequest) => ChargeTokens | undefined {
  const limitRequest = createRequestLimit({ limits, identify });
  const charges = new WeakMap<FastifyRequest, ChargeTokens>();
  const limit = async (request: FastifyRequest): Promise<void> => {
    const actions = actionsOf(request);
    if (actions.length === 0) return;
    if (isByUnnamedProxy(request)) onUnnamedProxy?.();
    checkLength(request, settings().maxPromptCharacters);
    charges.set(request, await limitRequest(request, actions));
  };
  // On those routes alone: on all, it would cost every other request a promise.
  app.addHook("onRoute", (route) => {
    const isLimited = [route.method].flat().some((method) => `${method} ${route.url}` in limitedRoutes);
    if (isLimited) route.preHandler = [limit, ...[route.preHandler ?? []].flat()];
  });
  return (request) => charges.get(request);
}

/** What the site allows may be less than the protocol does. */
function checkLength({ body }: FastifyRequest, maxCharacters: number): void {
  if (!isRecord(body)) return;
  for (const field of ["prompt", "text"] as const) {
    const text = body[field];
    if (typeof text === "string" && text.length > maxCharacters)
      throw new AppError("invalid_request", {
        ...{ param: field, details: { maxCharacters } },
        message: `${field}: at most ${maxCharacters} characters are taken here.`,
      });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

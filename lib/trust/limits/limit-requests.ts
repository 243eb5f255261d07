import { createHash } from "node:crypto";
import type { ChargeTokens } from "@/lib/answers";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { LimitedAction, RateLimitDetails } from "@/lib/protocol";
import type { SiteSettings } from "@/lib/settings";
import type { Challenges } from "../challenge/challenges";
import type { NetworkHashes } from "../integrity/network-hash";
import { type LimitItem, type LimitStore, windowReachMs } from "./limit-store";
import { networkNames, type RequestOrigin } from "./network-names";
import type { NetworkTokens } from "./network-tokens";
import { readTokenUse } from "./token-use";

export type LimitedRequest = RequestOrigin & {
  /** What the request does; a new battle sends a prompt too. */
  actions: readonly Exclude<LimitedAction, "tokens">[];
  /** The header `x-arena-challenge`. */
  solution: string | undefined;
};

export type RequestLimits = {
  /**
   * Lets the request through and counts it, or refuses it. Gives what charges the answers that it asks for. Errors: `rate_limited`
   * with {@link RateLimitDetails}; `challenge_required` with a challenge, where the network was refused too often;
   * `database_unavailable`.
   */
  take(request: LimitedRequest): Promise<ChargeTokens>;
};

export type RequestLimitsDeps = {
  db: Database;
  store: LimitStore;
  challenges: Challenges;
  networks: NetworkHashes;
  tokens: NetworkTokens;
  limits: () => SiteSettings["limits"];
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

type Scope = RateLimitDetails["scope"];
type Asked = LimitItem & { action: LimitedAction; scope: Scope };

export function createRequestLimits(deps: RequestLimitsDeps): RequestLimits {
  const { db, store, challenges, networks, tokens } = deps;

  async function requireProof(network: readonly string[], solution: string | undefined): Promise<void> {
    const { challenge } = deps.limits();
    const [name] = network;
    if (!challenge.isOn || name === undefined) return;
    // More than so many refusals within the last hour: asked, not taken.
    const states = await store.take(refusals(network, challenge.afterRefusals, 0));
    if (states.every(({ waitMs }) => waitMs === 0)) return;
    if (solution !== undefined && (await challenges.spend(network, solution))) return;
    throw new AppError("challenge_required", {
      details: { challenge: challenges.issue(name, challenge.bits) },
    });
  }

  /** A refusal is counted whatever the limit, so its own limit lies out of reach. */
  async function refuse(network: readonly string[], asked: Asked, waitMs: number): Promise<never> {
    await store.take(refusals(network, Number.MAX_SAFE_INTEGER, 1));
    const details: RateLimitDetails = {
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
      ...{ limit: asked.action, scope: asked.scope, max: asked.max },
      windowSeconds: Math.round(asked.windowMs / 1000),
    };
    throw new AppError("rate_limited", { details });
  }

  return {
    async take(request) {
      const { actions, visitorId, accountId, solution } = request;
      const settings = deps.limits();
      const network = await networkNames(networks, request, windowReachMs(hourMs));
      await requireProof(network, solution);

      const scope: Scope = accountId === null ? "visitor" : "account";
      const own = settings[scope];
      const subject = accountId ?? visitorId;
      const asked = actions.flatMap((action): Asked[] => {
        const item = (of: Scope, id: string, max: number): Asked => ({
          ...{ key: `${of}:${action}:${shorten(id)}`, windowMs: hourMs, max, cost: 1, action, scope: of },
        });
        const items: Asked[] = [];
        if (subject !== null) items.push(item(scope, subject, own[`${action}PerHour`]));
        for (const name of network) items.push(item("network", name, settings.network[`${action}PerHour`]));
        return items;
      });
      const sendsPrompt = actions.includes("prompts");
      if (sendsPrompt) {
        const limits = await tokens.limitsOf(request, settings.network.tokensPerDay);
        asked.push(...limits.map((limit): Asked => ({ ...limit, action: "tokens", scope: "network" })));
      }
      const states = await store.take(asked);
      const worst = asked
        .map((one, index) => ({ one, waitMs: states[index]?.waitMs ?? 0 }))
        .reduce((x, y) => (y.waitMs > x.waitMs ? y : x), { one: asked[0], waitMs: 0 });
      if (worst.one !== undefined && worst.waitMs > 0) await refuse(network, worst.one, worst.waitMs);

      const charge = tokens.chargeTo(request);
      if (subject === null || !sendsPrompt) return charge;
      const use = await readTokenUse(db, subject);
      if (use.tokens < own.tokensPerDay) return charge;
      const waitMs = (use.oldestAt?.getTime() ?? Date.now()) + dayMs - Date.now();
      const limit = {
        max: own.tokensPerDay,
        windowMs: dayMs,
        cost: 0,
        key: "",
        action: "tokens",
        scope,
      } as const;
      return refuse(network, limit, waitMs);
    },
  };
}

function refusals(network: readonly string[], max: number, cost: number): LimitItem[] {
  return network.map((name) => ({ key: `refused:${name}`, windowMs: hourMs, max, cost }));
}

/** Ids go no further than they must: the row says whose it is to nobody who does not know the id. */
function shorten(id: string): string {
  return createHash("sha256").update(id).digest("base64url").slice(0, 22);
}

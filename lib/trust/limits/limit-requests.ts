import { createHash } from "node:crypto";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { LimitedAction, RateLimitDetails } from "@/lib/protocol";
import type { SiteSettings } from "@/lib/settings";
import type { Challenges } from "../challenge/challenges";
import type { NetworkHashes } from "../integrity/network-hash";
import type { LimitItem, LimitStore } from "./limit-store";
import { readTokenUse } from "./token-use";

export type LimitedRequest = {
  /** What the request does; a new battle sends a prompt too. */
  actions: readonly Exclude<LimitedAction, "tokens">[];
  /** Null: not known yet, only its network counts. */
  visitorId: string | null;
  /** The signed-in user, whose limits take the place of the visitor's. */
  accountId: string | null;
  address: string;
  /** The header `x-arena-challenge`. */
  solution: string | undefined;
};

export type RequestLimits = {
  /**
   * Lets the request through and counts it, or refuses it. Errors: `rate_limited` with {@link RateLimitDetails};
   * `challenge_required` with a challenge, where the network was refused too often; `database_unavailable`.
   */
  take(request: LimitedRequest): Promise<void>;
};

export type RequestLimitsDeps = {
  db: Database;
  store: LimitStore;
  challenges: Challenges;
  networks: NetworkHashes;
  limits: () => SiteSettings["limits"];
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

type Scope = RateLimitDetails["scope"];
type Asked = LimitItem & { action: LimitedAction; scope: Scope };

export function createRequestLimits(deps: RequestLimitsDeps): RequestLimits {
  const { db, store, challenges, networks } = deps;

  async function requireProof(network: string, solution: string | undefined): Promise<void> {
    const { challenge } = deps.limits();
    if (!challenge.isOn) return;
    // More than so many refusals within the last hour: asked, not taken.
    const [state] = await store.take([
      { key: `refused:${network}`, windowMs: hourMs, max: challenge.afterRefusals, cost: 0 },
    ]);
    if (state === undefined || state.waitMs === 0) return;
    if (solution !== undefined && (await challenges.spend(network, solution))) return;
    throw new AppError("challenge_required", {
      details: { challenge: challenges.issue(network, challenge.bits) },
    });
  }

  /** A refusal is counted whatever the limit, so its own limit lies out of reach. */
  async function refuse(network: string | null, asked: Asked, waitMs: number): Promise<never> {
    if (network !== null)
      await store.take([
        { key: `refused:${network}`, windowMs: hourMs, max: Number.MAX_SAFE_INTEGER, cost: 1 },
      ]);
    const details: RateLimitDetails = {
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
      ...{ limit: asked.action, scope: asked.scope, max: asked.max },
      windowSeconds: Math.round(asked.windowMs / 1000),
    };
    throw new AppError("rate_limited", { details });
  }

  return {
    async take({ actions, visitorId, accountId, address, solution }) {
      const settings = deps.limits();
      const hash = await networks.of(address);
      const network = hash === null ? null : Buffer.from(hash).toString("hex");
      if (network !== null) await requireProof(network, solution);

      const scope: Scope = accountId === null ? "visitor" : "account";
      const own = settings[scope];
      const subject = accountId ?? visitorId;
      const asked = actions.flatMap((action): Asked[] => {
        const item = (of: Scope, id: string, max: number): Asked => ({
          ...{ key: `${of}:${action}:${shorten(id)}`, windowMs: hourMs, max, cost: 1, action, scope: of },
        });
        const items: Asked[] = [];
        if (subject !== null) items.push(item(scope, subject, own[`${action}PerHour`]));
        if (network !== null) items.push(item("network", network, settings.network[`${action}PerHour`]));
        return items;
      });
      const states = await store.take(asked);
      const worst = asked
        .map((one, index) => ({ one, waitMs: states[index]?.waitMs ?? 0 }))
        .reduce((x, y) => (y.waitMs > x.waitMs ? y : x), { one: asked[0], waitMs: 0 });
      if (worst.one !== undefined && worst.waitMs > 0) await refuse(network, worst.one, worst.waitMs);

      if (subject === null || !actions.includes("prompts")) return;
      const use = await readTokenUse(db, subject);
      if (use.tokens < own.tokensPerDay) return;
      const waitMs = (use.oldestAt?.getTime() ?? Date.now()) + dayMs - Date.now();
      const limit = {
        max: own.tokensPerDay,
        windowMs: dayMs,
        cost: 0,
        key: "",
        action: "tokens",
        scope,
      } as const;
      await refuse(network, limit, waitMs);
    },
  };
}

/** Ids go no further than they must: the row says whose it is to nobody who does not know the id. */
function shorten(id: string): string {
  return createHash("sha256").update(id).digest("base64url").slice(0, 22);
}

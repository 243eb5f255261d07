import type { ChargeTokens } from "@/lib/answers";
import type { NetworkHashes } from "../integrity/network-hash";
import type { LimitItem, LimitStore } from "./limit-store";
import { networkNames, type RequestOrigin } from "./network-names";

const dayMs = 86_400_000;

/**
 * Tokens that the answers of a network have used in the last 24 hours, whoever asked for them there. Unlike a visitor's they cannot be
 * added up from the answers, of which it is not kept where they were asked for; so each is charged when it has ended.
 */
export type NetworkTokens = {
  /** One for each name that the network has had: whether more than `max` were used. Errors: `database_unavailable`. */
  limitsOf(origin: RequestOrigin, max: number): Promise<LimitItem[]>;
  /** Charges the network that the request came from. What cannot be stored is lost and does not hold up the answer; the log says so once. */
  chargeTo(origin: RequestOrigin): ChargeTokens;
  /** Settles, never rejects, once what was charged so far is stored. */
  settled(): Promise<void>;
};

export type NetworkTokensDeps = {
  store: LimitStore;
  networks: Pick<NetworkHashes, "lately">;
  logger: { error(fields: object, message: string): void };
};

export function createNetworkTokens({ store, networks, logger }: NetworkTokensDeps): NetworkTokens {
  const underWay = new Set<Promise<void>>();
  let isTold = false;

  /** A day reaches into yesterday at any time, so both hashes are charged: each holds all that was used since its midnight. */
  async function itemsOf(origin: RequestOrigin, max: number, cost: number): Promise<LimitItem[]> {
    const names = await networkNames(networks, origin, dayMs);
    return names.map((name) => ({ key: `network:tokens:${name}`, windowMs: dayMs, max, cost }));
  }

  async function add(origin: RequestOrigin, used: number): Promise<void> {
    try {
      // What was used cannot be refused any more, so the limit lies out of reach.
      await store.take(await itemsOf(origin, Number.MAX_SAFE_INTEGER, used));
      isTold = false;
    } catch (error) {
      if (!isTold) logger.error({ err: error }, "the tokens of answers are not charged to their networks");
      isTold = true;
    }
  }

  return {
    limitsOf: (origin, max) => itemsOf(origin, max, 0),
    chargeTo: (origin) => (used) => {
      const adding = add(origin, used).finally(() => underWay.delete(adding));
      underWay.add(adding);
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}

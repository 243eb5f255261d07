import { AppError } from "@/lib/errors";
import type { NetworkHashes } from "../integrity/network-hash";
import { type LimitStore, windowReachMs } from "./limit-store";

const hourMs = 3_600_000;

/** Earlier editions of boards that one network may have computed in an hour; what is kept from before is free. */
const maxPerHour = 120;

/**
 * Earlier editions of a board are computed on request, so that a network that holds many links could keep the database at it. Errors of what it returns: `rate_limited` with `retryAfterSeconds`; `database_unavailable`.
 */
export function createEarlierLimit(deps: {
  store: LimitStore;
  networks: NetworkHashes;
}): (address: string) => Promise<void> {
  return async (address) => {
    const networks = await deps.networks.lately(address, windowReachMs(hourMs));
    const states = await deps.store.take(
      networks.map((network) => ({
        ...{ key: `network:earlier:${network}`, windowMs: hourMs, max: maxPerHour, cost: 1 },
      })),
    );
    const waitMs = Math.max(0, ...states.map((state) => state.waitMs));
    if (waitMs > 0)
      throw new AppError("rate_limited", {
        details: { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
      });
  };
}

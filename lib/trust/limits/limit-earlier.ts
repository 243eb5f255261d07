import { AppError } from "@/lib/errors";
import type { NetworkHashes } from "../integrity/network-hash";
import type { LimitStore } from "./limit-store";

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
    const hash = await deps.networks.of(address);
    if (hash === null) return;
    const key = `network:earlier:${Buffer.from(hash).toString("hex")}`;
    const [state] = await deps.store.take([{ key, windowMs: hourMs, max: maxPerHour, cost: 1 }]);
    const waitMs = state?.waitMs ?? 0;
    if (waitMs > 0)
      throw new AppError("rate_limited", {
        details: { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
      });
  };
}

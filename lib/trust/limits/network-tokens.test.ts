import { expect, it, vi } from "vitest";
import type { NetworkHashes } from "../integrity/network-hash";
import { createMemoryLimits } from "./memory-limits";
import { createNetworkTokens } from "./network-tokens";

const origin = { visitorId: null, accountId: null, address: "203.0.113.7", isByUnnamedProxy: false };

function tokensOf(isAway: () => boolean) {
  const store = createMemoryLimits(() => 1_800_000_000_000);
  const networks: Pick<NetworkHashes, "lately"> = {
    async lately() {
      if (isAway()) throw new Error("The database is away.");
      return ["today", "yesterday"];
    },
  };
  const logger = { error: vi.fn() };
  const tokens = createNetworkTokens({ store, networks, logger });
  const used = async () =>
    (await store.take(await tokens.limitsOf(origin, 1_000_000))).map((state) => state.used);
  return { tokens, logger, used };
}

it("charges every answer, of several at the same moment too, and holds none of them up", async () => {
  const { tokens, used } = tokensOf(() => false);
  const charge = tokens.chargeTo(origin);
  charge(700);
  charge(20);
  tokens.chargeTo({ ...origin, address: "203.0.113.8" })(3);
  await tokens.settled();
  expect(await used()).toEqual([723, 723]);
  // It only asked.
  expect(await used()).toEqual([723, 723]);
});

it("loses what cannot be stored, and says so once for each time that the store is away", async () => {
  let isAway = true;
  const { tokens, logger, used } = tokensOf(() => isAway);
  const charge = async (amount: number) => {
    tokens.chargeTo(origin)(amount);
    await tokens.settled();
  };
  for (let turn = 0; turn < 5; turn++) await charge(100);
  expect(logger.error).toHaveBeenCalledTimes(1);
  isAway = false;
  await charge(40);
  expect(await used()).toEqual([40, 40]);
  isAway = true;
  for (let turn = 0; turn < 5; turn++) await charge(100);
  expect(logger.error).toHaveBeenCalledTimes(2);
});

import type { Logger } from "pino";
import type { Accounts } from "@/lib/accounts";
import type { ServerEnv } from "@/lib/env";
import { isLoopbackName } from "@/lib/http";

type KeylessEnv = Pick<ServerEnv, "ARENA_KEYLESS_LOOPBACK" | "ARENA_API_KEYS" | "TRUST_PROXY">;

/**
 * Whether programs on this machine may call `/v1` without a key now. Unless the operator has said so for good, only for the
 * first run: until there is a key anywhere, or a proxy, behind which every client seems to be on this machine.
 */
export function keylessRule(env: KeylessEnv, { hasKeys }: Pick<Accounts, "hasKeys">): () => boolean {
  const { ARENA_KEYLESS_LOOPBACK: given } = env;
  if (given !== undefined) return () => given;
  if (env.ARENA_API_KEYS.length > 0 || env.TRUST_PROXY !== 0) return () => false;
  return () => !hasKeys();
}

type Deps = {
  env: Pick<ServerEnv, "HOST">;
  isKeylessAllowed: () => boolean;
  accounts: Pick<Accounts, "canWorkersJoin">;
  logger: Pick<Logger, "warn">;
};

/** What an operator should know of a site that has just started. Does not reject. */
export async function warnAtStart({ env, isKeylessAllowed, accounts, logger }: Deps): Promise<void> {
  if (isKeylessAllowed() && !isLoopbackName(env.HOST)) {
    logger.warn(
      { host: env.HOST },
      "/v1 takes programs on this machine without a key, and others can reach the port: a proxy that adds no X-Forwarded-* " +
        "header would let everyone in. It ends with the first key, or with ARENA_KEYLESS_LOOPBACK=0",
    );
  }
  try {
    if (await accounts.canWorkersJoin()) return;
    logger.warn(
      {},
      "no worker can register: there is neither ARENA_JOIN_TOKEN nor a valid join token in the database. " +
        "Make one with `npm run admin -- join-tokens create --name NAME`, or at /admin/keys",
    );
  } catch (error) {
    logger.warn({ err: error }, "it is not known whether workers can register");
  }
}

import { randomUUID } from "node:crypto";
import type { Registry } from "prom-client";
import type { JoinTokenVerifier } from "@/lib/controller";
import { type Database, databaseError, listen } from "@/lib/db";
import {
  type AccountingDeps,
  createAccounting,
  createModelTokens,
  isUnlimited,
  type ModelTokens,
} from "./accounting";
import type { RequestAccounting } from "./accounting-types";
import { createKeyCache } from "./api-keys/key-cache";
import { createKeyPresence } from "./api-keys/key-presence";
import { toRecord } from "./api-keys/key-record";
import { keyChannel } from "./api-keys/notify-key-change";
import { createVerifyKey, type VerifyKey } from "./api-keys/verify-key";
import { hasValidJoinToken } from "./join-tokens/has-valid-join-token";
import { createJoinTokenVerifier } from "./join-tokens/join-token-verifier";
import { createCounterStore } from "./limits/counter-store";
import { createLimitExchange } from "./limits/limit-exchange";
import { Limiter } from "./limits/limiter";
import type { AccountsLogger } from "./logger";
import { createAccountsMetrics } from "./metrics";
import { insertUsage } from "./usage/insert-usage";
import { createUsageWriter } from "./usage/usage-writer";

export type AccountsDeps = {
  db: Database;
  /** For the connection that hears of changed keys. */
  databaseUrl: string;
  /** ARENA_JOIN_TOKEN; absent: workers register with the tokens of the database alone. */
  joinToken?: string | undefined;
  /** What all callers together may use of a model. Default: no model is limited. */
  tokenLimitOf?: AccountingDeps["tokenLimitOf"];
  logger: AccountsLogger;
  metrics: Registry;
};

/** Keys, budgets and usage of one server process. */
export type Accounts = {
  verifyKey: VerifyKey;
  /** Whether the site has ever given out a key; true also while that is not known. */
  hasKeys(): boolean;
  accounting: RequestAccounting;
  /** For answers that no request of the API asks for: those of visitors. */
  modelTokens: ModelTokens;
  joinTokens: JoinTokenVerifier;
  /** Whether a worker can register at all: false without ARENA_JOIN_TOKEN and any valid token in the database. Errors: `database_unavailable`. */
  canWorkersJoin(): Promise<boolean>;
  /** Starts the timers and begins to listen; waits only for the first look whether there are keys. Does not reject. */
  start(): Promise<void>;
  /** Everything that this server has counted is exchanged and everything that it has recorded is written. */
  flush(): Promise<void>;
  /** Flushes and stops. Requests must be over by then. */
  close(): Promise<void>;
};

export function createAccounts({
  db,
  databaseUrl,
  joinToken,
  tokenLimitOf,
  logger,
  metrics: registry,
}: AccountsDeps): Accounts {
  const usage = createUsageWriter({
    insert: (records) => insertUsage(db, records),
    logger,
    onWritten: (count) => metrics.usageWritten(count),
    onDropped: (count) => metrics.usageDropped(count),
  });
  const metrics = createAccountsMetrics(registry, () => usage.size());
  const limiter: Limiter = new Limiter({ onUrgent: () => exchange.urge() });
  const exchange = createLimitExchange({ limiter, store: createCounterStore(db, randomUUID()), logger });

  const cache = createKeyCache({
    now: () => performance.now(),
    load: async (prefixes) => {
      try {
        const rows = await db.apiKey.findMany({ where: { prefix: { in: [...prefixes] } } });
        const records = rows.map(toRecord);
        // A server that has just started must not let a spent budget pass once more.
        const limited = records.filter(({ caller }) => !isUnlimited(caller));
        await exchange.prime(limited.map(({ caller }) => caller.keyId));
        return records;
      } catch (error) {
        throw databaseError(error);
      }
    },
    onLoadFailed: (error) => logger.warn({ err: error }, "API keys cannot be read"),
  });

  const presence = createKeyPresence(
    async () => (await db.apiKey.findFirst({ select: { id: true } })) !== null,
    (error) => logger.warn({ err: error }, "it is not known whether there are API keys"),
  );

  let stopListening = async (): Promise<void> => undefined;

  return {
    verifyKey: createVerifyKey(cache),
    accounting: createAccounting({ limiter, usage, tokenLimitOf, onRefused: metrics.refused }),
    modelTokens: createModelTokens({ limiter, tokenLimitOf, onRefused: metrics.refused }),
    joinTokens: createJoinTokenVerifier(db, joinToken),
    hasKeys: presence.hasKeys,
    canWorkersJoin: async () => joinToken !== undefined || (await hasValidJoinToken(db)),
    async start() {
      usage.start();
      exchange.start();
      stopListening = listen({
        url: databaseUrl,
        channel: keyChannel,
        onMessage: (prefix) => {
          cache.invalidate(prefix);
          presence.found();
        },
        onUp: () => {
          cache.invalidate();
          void presence.look();
        },
        onDown: (error) => logger.warn({ err: error }, "changes of API keys are noticed late"),
      });
      await presence.look();
    },
    async flush() {
      await exchange.exchange();
      await usage.flush();
    },
    async close() {
      await stopListening();
      await exchange.close();
      await usage.close();
    },
  };
}

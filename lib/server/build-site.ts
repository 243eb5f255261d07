import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { createAccounts, createVisitorCookies, usageRoutes, visitorCookieName } from "@/lib/accounts";
import { type ArenaDeps, arenaRoutes, createPairSampler, LiveBattles, registerModels } from "@/lib/arena";
import { type ChatDeps, chatRoutes, keepPurging, LiveConversations } from "@/lib/chat";
import {
  type Controller,
  createController,
  createPostgresChanges,
  createPostgresModelSettings,
  createPostgresRegistry,
  workerRoutes,
} from "@/lib/controller";
import type { Database } from "@/lib/db";
import type { ServerEnv } from "@/lib/env";
import { historyRoutes } from "@/lib/history";
import { createLeaderboard, leaderboardRoutes } from "@/lib/leaderboard";
import { createAuthenticate, openAiRoutes } from "@/lib/openai";
import { boardQuerySchema } from "@/lib/protocol";
import { createChainKeeper } from "@/lib/votes";
import { cacheBoardPage } from "./cache-board-page";
import { createApp } from "./create-app";
import { healthRoutes } from "./health-routes";
import type { Services } from "./services";

export type SiteDeps = {
  env: ServerEnv;
  db: Database;
  logger: Logger;
  /** Answers every path that is not the server's own: Next, or a stand-in. */
  pages: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Where everything registers its metrics. Default: a new one. */
  metrics?: Registry;
  /** What `/metrics` shows. Default: this process's own. */
  scrape?: () => Promise<string>;
};

export type Site = {
  app: FastifyInstance;
  controller: Controller;
  services: Services;
  /** Takes over the registered workers and listens. Returns the address. */
  listen(): Promise<string>;
  /** Lets running answers end within ARENA_DRAIN_MS, then closes everything but the database. */
  close(): Promise<void>;
};

/**
 * Connections that may wait to be accepted; the kernel lowers it to its own `somaxconn`. With Node's 511, a crowd that
 * arrives within a turn of a busy event loop has its connections dropped, and tries again only after seconds.
 */
const listenBacklog = 4_096;

/** What of its address decides the figures of the board's page. */
const boardPageKeys = ["board", "category", "style", "ties", "minVotes", "showRetired"] as const;

/** The composition root: every service is made here, once, and handed to whoever needs it. */
export async function buildSite({ env, db, logger, pages, ...deps }: SiteDeps): Promise<Site> {
  const metrics = deps.metrics ?? new Registry();
  collectDefaultMetrics({ register: metrics });
  const accounts = createAccounts({
    db,
    databaseUrl: env.DATABASE_URL,
    joinToken: env.ARENA_JOIN_TOKEN,
    logger,
    metrics,
  });
  const authenticate = createAuthenticate(env.ARENA_API_KEYS, {
    verifyKey: accounts.verifyKey,
    // Behind a proxy every client seems to be on this machine.
    isKeylessAllowed:
      env.ARENA_KEYLESS_LOOPBACK ?? (env.ARENA_API_KEYS.length === 0 && env.TRUST_PROXY === 0),
  });
  const controller = createController({
    env,
    store: createPostgresRegistry(db),
    modelSettings: createPostgresModelSettings(db),
    changes: createPostgresChanges(env.DATABASE_URL),
    joinTokens: accounts.joinTokens,
    logger,
    metrics,
  });
  controller.onModelsOffered((models) => registerModels(db, models));
  const leaderboard = createLeaderboard({
    ...{ db, logger, databaseUrl: env.DATABASE_URL },
    styleRefreshMs: env.ARENA_STYLE_REFRESH_MS,
    secret: env.ARENA_SECRET,
  });
  const sampler = createPairSampler({
    ...{ db, controller, leaderboard, random: Math.random },
    selfDuelRate: env.ARENA_SELF_DUEL_RATE,
  });
  const chain = createChainKeeper({ databaseUrl: env.DATABASE_URL, logger });
  const live = new LiveBattles({
    db,
    controller,
    logger,
    maxTokens: env.ARENA_BATTLE_MAX_TOKENS,
    orphanGraceMs: env.ARENA_ORPHAN_GRACE_MS,
    sampler,
  });
  const arena: ArenaDeps = { db, controller, leaderboard, live, sampler, logger };
  const conversations = new LiveConversations({
    db,
    controller,
    logger,
    maxTokens: env.ARENA_BATTLE_MAX_TOKENS,
    orphanGraceMs: env.ARENA_ORPHAN_GRACE_MS,
  });
  const chat: ChatDeps = { db, controller, live: conversations, maxTokens: env.ARENA_BATTLE_MAX_TOKENS };
  let stopPurging: (() => Promise<void>) | null = null;
  const visitors = createVisitorCookies({ secret: env.ARENA_SECRET, isSecure: env.ARENA_SECURE_COOKIES });
  const isServed = (name: string) => controller.models().some((model) => model.name === name);
  const services: Services = {
    leaderboard: {
      current: (query) => leaderboard.current(query),
      modelCard: (name, board) => leaderboard.modelCard(name, board, isServed(name)),
      headToHead: (query) => leaderboard.headToHead(query),
    },
    site: {
      isDemoOnly: () => {
        const models = controller.models();
        return models.length > 0 && models.every((model) => model.tags.includes("demo"));
      },
    },
  };

  const app = createApp({
    logger,
    pages: cacheBoardPage(pages, {
      versionOf: async (search) => {
        const asked = Object.fromEntries(
          boardPageKeys.flatMap((key) => [[key, search.get(key) ?? undefined]]),
        );
        const query = boardQuerySchema.safeParse(asked);
        return query.success ? (await leaderboard.answer(query.data)).etag : null;
      },
      harmlessCookies: [visitorCookieName],
    }),
    trustProxy: env.TRUST_PROXY,
  });
  await app.register(healthRoutes, {
    db,
    controller,
    contentType: metrics.contentType,
    scrape: deps.scrape ?? (() => metrics.metrics()),
  });
  await app.register(workerRoutes, { controller });
  await app.register(openAiRoutes, {
    controller,
    env,
    authenticate,
    accounting: accounts.accounting,
    logger,
    metrics,
  });
  await app.register(usageRoutes, { db, authenticate });
  await app.register(arenaRoutes, { arena, visitors });
  await app.register(historyRoutes, { history: { db, live }, visitors });
  await app.register(chatRoutes, { chat, visitors });
  await app.register(leaderboardRoutes, { leaderboard, controller });

  return {
    app,
    controller,
    services,
    async listen() {
      accounts.start();
      chain.start();
      await controller.start();
      stopPurging = keepPurging(db, logger);
      return app.listen({ host: env.HOST, port: env.PORT, backlog: listenBacklog });
    },
    async close() {
      await Promise.all([live.close(env.ARENA_DRAIN_MS), conversations.close(env.ARENA_DRAIN_MS)]);
      await stopPurging?.();
      await app.close();
      await chain.stop();
      await accounts.close();
      await leaderboard.close();
      await controller.close();
    },
  };
}

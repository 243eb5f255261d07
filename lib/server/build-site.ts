import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import {
  createAccounts,
  createSignIn,
  createVisitorCookies,
  createVisitors,
  type Sessions,
  usageRoutes,
} from "@/lib/accounts";
import { type AdminDeps, adminRoutes, createReleaseMaker, createSampler, SpeedHistory } from "@/lib/admin";
import { createAnswerMetrics, createLiveNews } from "@/lib/answers";
import { type ArenaDeps, arenaRoutes, createPairSampler, LiveBattles, registerModels } from "@/lib/arena";
import { attachmentRoutes } from "@/lib/attachments";
import { type ChatDeps, chatRoutes, createPublicWaiting, keepPurging, LiveConversations } from "@/lib/chat";
import {
  type Controller,
  createController,
  createPostgresChanges,
  createPostgresModelSettings,
  createPostgresModelShares,
  createPostgresRegistry,
  createPostgresWorkerShares,
  workerRoutes,
} from "@/lib/controller";
import { dataRoutes, listReleases } from "@/lib/data";
import { type Database, knownMigrations } from "@/lib/db";
import { drainLeadMs, type ServerEnv } from "@/lib/env";
import { deleteTexts, historyRoutes } from "@/lib/history";
import { createLeaderboard, leaderboardRoutes } from "@/lib/leaderboard";
import { createModeration, flagRoutes } from "@/lib/moderation";
import { createAuthenticate, openAiRoutes, RunningAnswers } from "@/lib/openai";
import {
  keepCheckingConsents,
  type PublicationDeps,
  publicationRoutes,
  publicationService,
  rememberRefusals,
} from "@/lib/publication";
import { createSettings } from "@/lib/settings";
import { startTracing } from "@/lib/tracing";
import {
  addLimits,
  createChallenges,
  createEarlierLimit,
  createIntegrityKeeper,
  createLimitStore,
  createNetworkHashes,
  createNetworkTokens,
  createRequestLimit,
  createRequestLimits,
  createSummaryReader,
  integrityRoutes,
  type LimitOptions,
} from "@/lib/trust";
import { createChainKeeper } from "@/lib/votes";
import { createClockWatch } from "./clock-watch";
import { createApp } from "./create-app";
import { keylessRule, warnAtStart } from "./first-run";
import { healthRoutes } from "./health-routes";
import { keepBoardPage } from "./kept-pages/keep-board-page";
import { createProxyWatch } from "./proxy-watch";
import type { Services } from "./services";
import type { StopPhase } from "./stop-phase";

export type SiteDeps = {
  env: ServerEnv;
  db: Database;
  logger: Logger;
  /** Answers every path that is not the server's own: Next, or a stand-in. */
  pages: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Who is signed in. Default: by the accounts of the database. */
  sessions?: Sessions;
  /** Where everything registers its metrics. Default: a new one. */
  metrics?: Registry;
  /** This machine's clock, as it is compared with the database's. Default: its wall clock. */
  now?: () => number;
  /** What `/metrics` shows. Default: this process's own. */
  scrape?: () => Promise<string>;
};

export type Site = {
  app: FastifyInstance;
  controller: Controller;
  services: Services;
  sessions: Sessions;
  /** Takes over the registered workers and listens. Returns the address. */
  listen(): Promise<string>;
  /**
   * Says at `/readyz` that it stops, takes requests for the lead, lets running answers end within the rest of ARENA_DRAIN_MS, then
   * closes everything but the database.
   */
  close(): Promise<void>;
};

/**
 * Connections that may wait to be accepted; the kernel lowers it to its own `somaxconn`. With Node's 511, a crowd that
 * arrives within a turn of a busy event loop has its connections dropped, and tries again only after seconds.
 */
const listenBacklog = 4_096;

/** The composition root: every service is made here, once, and handed to whoever needs it. */
export async function buildSite({ env, db, logger, pages, ...deps }: SiteDeps): Promise<Site> {
  const metrics = deps.metrics ?? new Registry();
  collectDefaultMetrics({ register: metrics });
  const settings = createSettings({ db, databaseUrl: env.DATABASE_URL, logger });
  const accounts = createAccounts({
    db,
    databaseUrl: env.DATABASE_URL,
    joinToken: env.ARENA_JOIN_TOKEN,
    tokenLimitOf: (model) => controller.tokenLimit(model),
    logger,
    metrics,
  });
  const isKeylessAllowed = keylessRule(env, accounts);
  const authenticate = createAuthenticate(env.ARENA_API_KEYS, {
    verifyKey: accounts.verifyKey,
    isKeylessAllowed,
  });
  const serverId = randomUUID();
  const controller = createController({
    env,
    store: createPostgresRegistry(db),
    modelSettings: createPostgresModelSettings(db),
    modelShares: createPostgresModelShares(db, serverId),
    workerShares: createPostgresWorkerShares(db, serverId),
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
  const moderation = createModeration({ db, settings, controller, env, logger });
  const chain = createChainKeeper({ databaseUrl: env.DATABASE_URL, logger });
  const { reserve: reserveTokens } = accounts.modelTokens;
  const surfaces = createAnswerMetrics(metrics);
  const news = createLiveNews({ db, databaseUrl: env.DATABASE_URL, serverId, logger });
  const live = new LiveBattles({
    db,
    controller,
    reserveTokens,
    surface: surfaces.battle,
    news,
    logger,
    maxTokens: env.ARENA_BATTLE_MAX_TOKENS,
    orphanGraceMs: env.ARENA_ORPHAN_GRACE_MS,
    moderation,
    sampler,
    charsPerSecond: () => settings.current().pacing.charsPerSecond,
  });
  const networks = createNetworkHashes(db);
  const limitStore = createLimitStore({ db, redisUrl: env.REDIS_URL, logger });
  const networkTokens = createNetworkTokens({ store: limitStore, networks, logger });
  const challenges = createChallenges(db, env.ARENA_SECRET);
  const limits = createRequestLimits({
    ...{ db, store: limitStore, networks, challenges, tokens: networkTokens },
    limits: () => settings.current().limits,
  });
  const integrity = createIntegrityKeeper({
    ...{ db, secret: env.ARENA_SECRET, logger, metrics },
    integrity: () => settings.current().integrity,
  });
  const arena: ArenaDeps = {
    ...{ db, controller, leaderboard, live, sampler, moderation, logger, networks },
    maxTurns: () => settings.current().limits.maxTurns,
  };
  const conversations = new LiveConversations({
    db,
    controller,
    reserveTokens,
    surface: surfaces.chat,
    news,
    logger,
    maxTokens: env.ARENA_BATTLE_MAX_TOKENS,
    orphanGraceMs: env.ARENA_ORPHAN_GRACE_MS,
    moderation,
  });
  const maxTokens = env.ARENA_BATTLE_MAX_TOKENS;
  const waiting = createPublicWaiting(() => controller.models());
  const chat: ChatDeps = { db, controller, live: conversations, moderation, maxTokens, waiting };
  const publication: PublicationDeps = {
    ...{ db, settings },
    moderation: rememberRefusals(moderation, settings),
  };
  const data = { db, leaderboard, releasesFolder: env.ARENA_RELEASES_DIR, logger };
  let stopPurging: (() => Promise<void>) | null = null;
  let stopChecking: (() => Promise<void>) | null = null;
  const isSecure = env.ARENA_SECURE_COOKIES || (env.ARENA_PUBLIC_URL?.startsWith("https:") ?? false);
  const cookies = createVisitorCookies({ secret: env.ARENA_SECRET, isSecure });
  const signIn = await createSignIn({
    ...{ db, env, isSecure, settings, visitors: cookies, challenges, logger },
    deleteTexts: (visitorId) => deleteTexts({ db, live }, visitorId),
  });
  const sessions = deps.sessions ?? signIn.sessions;
  const visitors = createVisitors(cookies, sessions);
  const isServed = (name: string) => controller.models().some((model) => model.name === name);
  const speeds = new SpeedHistory(() => controller.workers());
  const clock = createClockWatch({
    readDatabaseMs: async () => {
      const [read] = await db.$queryRaw<{ ms: number }[]>`
        SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms`;
      return read?.ms ?? Number.NaN;
    },
    ...{ logger, metrics, now: deps.now },
  });
  const proxy = createProxyWatch(logger);
  const queueSampler = createSampler({
    ...{ db, controller, clock, metrics, logger },
    isProxyUnnamed: proxy.isUnnamed,
  });
  const releases = createReleaseMaker({
    ...{ databaseUrl: env.DATABASE_URL, releasesFolder: env.ARENA_RELEASES_DIR, logger },
  });
  const admin: AdminDeps = {
    ...{ db, sessions, releases, controller, leaderboard, settings, speeds, clock },
    publicUrl: env.ARENA_PUBLIC_URL ?? null,
    selfDuelRate: env.ARENA_SELF_DUEL_RATE,
    heartbeatMs: env.ARENA_HEARTBEAT_MS,
  };
  const readSummary = createSummaryReader(db);
  const services: Services = {
    integrity: { summary: readSummary },
    leaderboard: {
      current: (query) => leaderboard.current(query),
      modelCard: (name, board) => leaderboard.modelCard(name, board, isServed(name)),
      headToHead: (query) => leaderboard.headToHead(query),
    },
    publication: publicationService(publication),
    data: { releases: () => listReleases(data) },
    accounts: { session: (cookieHeader) => sessions.find(cookieHeader), options: signIn.options },
    site: {
      publicUrl: () => env.ARENA_PUBLIC_URL ?? null,
      isDemoOnly: () => {
        const models = controller.models();
        return models.length > 0 && models.every((model) => model.tags.includes("demo"));
      },
      promptLimits: () => {
        const { maxPromptCharacters, maxTurns } = settings.current().limits;
        return { maxCharacters: maxPromptCharacters, maxTurns };
      },
      visionModels: () =>
        controller
          .models()
          .filter(({ capabilities }) => capabilities.includes("chat") && capabilities.includes("vision"))
          .length,
    },
  };

  const running = new RunningAnswers();
  let stopPhase: StopPhase = "running";
  const tracing =
    env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
      ? null
      : await startTracing({
          endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
          serviceName: env.OTEL_SERVICE_NAME,
        });
  const app = createApp({
    logger,
    pages: keepBoardPage({ pages, version: () => leaderboard.version() }),
    trustProxy: env.TRUST_PROXY,
    isSecure,
    stopPhase: () => stopPhase,
  });
  const identify: LimitOptions["identify"] = async (cookieHeader) => {
    const accountId = (await sessions.find(cookieHeader))?.id ?? null;
    return { accountId, visitorId: accountId ?? cookies.read(cookieHeader) };
  };
  const limitRequest = createRequestLimit({ limits, identify });
  const countPrompt = async (request: FastifyRequest): Promise<void> => {
    if (!env.ARENA_UNGUARDED) await limitRequest(request, ["prompts"]);
  };
  if (env.ARENA_UNGUARDED) logger.warn({}, "ARENA_UNGUARDED: nobody is limited, and every vote counts");
  const chargeOf = env.ARENA_UNGUARDED
    ? undefined
    : addLimits(app, {
        ...{ limits, identify },
        settings: () => settings.current().limits,
        onUnnamedProxy: proxy.seen,
      });
  await app.register(healthRoutes, {
    db,
    controller,
    clock,
    stopPhase: () => stopPhase,
    migrations: await knownMigrations(),
    contentType: metrics.contentType,
    metricsToken: env.ARENA_METRICS_TOKEN,
    scrape: deps.scrape ?? (() => metrics.metrics()),
  });
  await app.register(workerRoutes, { controller });
  await app.register(openAiRoutes, {
    controller,
    env,
    authenticate,
    accounting: accounts.accounting,
    running,
    logger,
    metrics,
    tracer: tracing?.tracer ?? null,
  });
  await app.register(usageRoutes, { db, authenticate });
  await app.register(signIn.routes);
  await app.register(arenaRoutes, { arena, visitors, chargeOf });
  await app.register(attachmentRoutes, { db, visitors });
  await app.register(historyRoutes, { history: { db, live }, visitors });
  await app.register(chatRoutes, { chat, visitors, countPrompt, chargeOf });
  await app.register(publicationRoutes, { publication, visitors });
  await app.register(dataRoutes, { data });
  await app.register(leaderboardRoutes, {
    ...{ leaderboard, controller },
    limitEarlier: env.ARENA_UNGUARDED
      ? async () => undefined
      : createEarlierLimit({ store: limitStore, networks }),
  });
  await app.register(flagRoutes, { flags: { db, publication: services.publication }, visitors });
  await app.register(adminRoutes, { admin });
  await app.register(integrityRoutes, { readSummary });

  return {
    app,
    controller,
    services,
    sessions,
    async listen() {
      await settings.start();
      await clock.start();
      await accounts.start();
      await warnAtStart({ env, isKeylessAllowed, accounts, logger });
      chain.start();
      if (!env.ARENA_UNGUARDED) integrity.start();
      await controller.start();
      news.start();
      speeds.start();
      waiting.start();
      queueSampler.start();
      stopPurging = keepPurging(db, logger);
      stopChecking = keepCheckingConsents(publication, logger);
      return app.listen({ host: env.HOST, port: env.PORT, backlog: listenBacklog });
    },
    async close() {
      const endAt = performance.now() + env.ARENA_DRAIN_MS;
      const leftMs = () => Math.max(0, endAt - performance.now());
      stopPhase = "announced";
      await delay(drainLeadMs(env));
      stopPhase = "refusing";
      const drainMs = leftMs();
      await Promise.all([live, conversations, running].map((answers) => answers.close(drainMs)));
      const hurry = setTimeout(() => moderation.hurry(), leftMs());
      await stopChecking?.();
      await moderation.settled();
      clearTimeout(hurry);
      await stopPurging?.();
      speeds.stop();
      waiting.stop();
      clock.stop();
      await queueSampler.stop();
      await app.close();
      await news.close();
      await releases.close();
      await chain.stop();
      await integrity.stop();
      await networkTokens.settled();
      await limitStore.close();
      await settings.close();
      await accounts.close();
      await leaderboard.close();
      await controller.close();
      await tracing?.close();
    },
  };
}

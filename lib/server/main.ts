import { fileURLToPath } from "node:url";
import next from "next";
import pino, { type Logger } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { createVisitorCookies } from "@/lib/accounts";
import { type ArenaDeps, arenaRoutes, LiveBattles, registerModels } from "@/lib/arena";
import { createController, createPostgresRegistry, workerRoutes } from "@/lib/controller";
import { closeDatabase, createDatabase } from "@/lib/db";
import { readServerEnv, type ServerEnv } from "@/lib/env";
import { isAppError } from "@/lib/errors";
import { createLeaderboard, leaderboardRoutes } from "@/lib/leaderboard";
import { openAiRoutes } from "@/lib/openai";
import { createApp } from "./create-app";
import { healthRoutes } from "./health-routes";
import { announce, announceFailure, whenToldToStop } from "./process-lifecycle";
import { provideServices } from "./services";

/** The site's root: where `.next` and `public` are. */
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Builds the services once, hands them to the routes and to Next, and serves until told to stop. */
async function serve(env: ServerEnv, logger: Logger): Promise<void> {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const db = createDatabase(env.DATABASE_URL);
  const controller = createController({ env, store: createPostgresRegistry(db), logger, metrics });
  controller.onModelsOffered((models) => registerModels(db, models));
  const leaderboard = createLeaderboard({ db, logger });
  const live = new LiveBattles({
    db,
    controller,
    logger,
    maxTokens: env.ARENA_BATTLE_MAX_TOKENS,
    orphanGraceMs: env.ARENA_ORPHAN_GRACE_MS,
  });
  const arena: ArenaDeps = { db, controller, leaderboard, live, random: Math.random, logger };
  const visitors = createVisitorCookies({ secret: env.ARENA_SECRET, isSecure: env.ARENA_SECURE_COOKIES });
  provideServices({
    leaderboard: { current: () => leaderboard.current() },
    site: {
      isDemoOnly: () => {
        const models = controller.models();
        return models.length > 0 && models.every((model) => model.tags.includes("demo"));
      },
    },
  });

  const pages = next({ dev: false, dir: root, hostname: env.HOST, port: env.PORT });
  await pages.prepare();
  const app = createApp({ logger, pages: pages.getRequestHandler() });
  await app.register(healthRoutes, { db, controller, metrics });
  await app.register(workerRoutes, { controller });
  await app.register(openAiRoutes, { controller, env, logger, metrics });
  await app.register(arenaRoutes, { arena, visitors });
  await app.register(leaderboardRoutes, { leaderboard });

  await controller.start();
  const url = await app.listen({ host: env.HOST, port: env.PORT });
  announce({ type: "ready", url });
  logger.info({ url }, "listening");

  const reason = await whenToldToStop();
  logger.info({ reason }, "stopping");
  await live.close(env.ARENA_DRAIN_MS);
  await app.close();
  await controller.close();
  await pages.close();
  await closeDatabase(db);
  logger.info("stopped");
}

try {
  const env = readServerEnv();
  await serve(env, pino({ level: env.ARENA_LOG_LEVEL, base: { process: "server" } }));
  process.exit(0);
} catch (error) {
  announceFailure(error, isAppError(error));
  process.exit(1);
}

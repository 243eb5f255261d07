import { fileURLToPath } from "node:url";
import next from "next";
import pino, { type Logger } from "pino";
import { closeDatabase, createDatabase } from "@/lib/db";
import { readServerEnv, type ServerEnv } from "@/lib/env";
import { isAppError } from "@/lib/errors";
import { buildSite } from "./build-site";
import { announce, announceFailure, whenToldToStop } from "./process-lifecycle";
import { provideServices } from "./services";

/** The site's root: where `.next` and `public` are. */
const root = fileURLToPath(new URL("../..", import.meta.url));

/** One server process: Fastify in front, Next behind, until told to stop. */
async function serve(env: ServerEnv, logger: Logger): Promise<void> {
  const db = createDatabase(env.DATABASE_URL);
  const pages = next({ dev: false, dir: root, hostname: env.HOST, port: env.PORT });
  const site = await buildSite({
    env,
    db,
    logger,
    pages: (request, response) => handlePage(request, response),
  });
  provideServices(site.services);
  await pages.prepare();
  const handlePage = pages.getRequestHandler();

  const url = await site.listen();
  announce({ type: "ready", url });
  logger.info({ url }, "listening");

  const reason = await whenToldToStop();
  logger.info({ reason }, "stopping");
  await site.close();
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

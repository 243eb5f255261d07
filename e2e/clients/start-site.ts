import pino from "pino";
import type { Database } from "@/lib/db";
import { createTestDatabase } from "@/lib/db/testing";
import { readServerEnv } from "@/lib/env";
import { buildSite } from "@/lib/server";
import { startWorkerProcess } from "../fixtures/worker-process";

/** Names under which the bundled models are served to the clients. */
export const chatModel = "demo-13m";
export const smallModel = "demo-1m";

export type ClientSite = {
  /** Ends in `/v1`. */
  baseURL: string;
  db: Database;
  close(): Promise<void>;
};

/** Server, database and two worker processes over bundled GGUF models, over real sockets; `demo-1m` gives embeddings too. */
export async function startClientSite(settings: Record<string, string> = {}): Promise<ClientSite> {
  const database = await createTestDatabase();
  const joinToken = "join-token-of-this-test";
  const env = readServerEnv({
    PORT: "0",
    DATABASE_URL: database.url,
    ARENA_SECRET: "0123456789abcdef0123456789abcdef",
    ARENA_JOIN_TOKEN: joinToken,
    ARENA_HEARTBEAT_MS: "1000",
    ARENA_DRAIN_MS: "2000",
    ...settings,
  });
  const site = await buildSite({
    env,
    db: database.db,
    logger: pino({ level: "silent" }),
    pages: async () => undefined,
  });
  const url = await site.listen();
  const start = (name: string, ...more: string[]) =>
    startWorkerProcess({
      args: [
        "llama",
        "--model",
        `workers/models/${name}-q8_0.gguf`,
        "--name",
        name,
        "--threads",
        "1",
        ...more,
      ],
      controllerUrl: url,
      joinToken,
    });
  const workers = await Promise.all([start(chatModel), start(smallModel, "--embeddings")]);
  return {
    baseURL: `${url}/v1`,
    db: database.db,
    close: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await site.close();
      await database.drop();
    },
  };
}

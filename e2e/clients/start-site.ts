import type { Database } from "@/lib/db";
import { createTestDatabase } from "@/lib/db/testing";
import { joinToken, startTestSite } from "../fixtures/test-site";
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
  const { site, url } = await startTestSite(database, { ARENA_HEARTBEAT_MS: "1000", ...settings });
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

import { expect } from "vitest";
import { closeDatabase, createDatabase, type Database } from "@/lib/db";
import type { ControllerService } from "../controller";
import { createTestController } from "../test-support";
import { createPostgresChanges } from "./postgres-changes";
import { createPostgresRegistry } from "./postgres-registry";

type TestServer = {
  /** Of the database that the servers share. */
  url: string;
  /** Takes what closes the server. */
  defer: (close: () => Promise<void>) => void;
  /** What else it is given, over the database's connections of its own. */
  deps?: (db: Database) => Parameters<typeof createTestController>[0];
};

/** For tests with PostgreSQL: one of a site's servers, which has started and hears of what the others change. */
export async function startTestServer({ url, defer, deps }: TestServer): Promise<ControllerService> {
  const db = createDatabase(url);
  const controller = createTestController({
    store: createPostgresRegistry(db),
    changes: createPostgresChanges(url),
    ...deps?.(db),
  });
  defer(async () => {
    await controller.close();
    await closeDatabase(db);
  });
  await controller.start();
  await expect.poll(() => controller.isFeedUp()).toBe(true);
  return controller;
}

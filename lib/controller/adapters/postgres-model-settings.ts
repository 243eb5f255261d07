import { type Database, databaseError } from "@/lib/db";
import type { ModelSettingsSource } from "../ports";

/** Stage, limit and priority of the `models` table. */
export function createPostgresModelSettings(db: Database): ModelSettingsSource {
  return {
    list: async () => {
      try {
        const rows = await db.model.findMany({
          select: { name: true, stage: true, maxConcurrent: true, priority: true },
        });
        return new Map(rows.map(({ name, ...settings }) => [name, settings]));
      } catch (error) {
        throw databaseError(error);
      }
    },
  };
}

import { type Database, databaseError } from "@/lib/db";
import type { ModelSettingsSource } from "../ports";

/** Stage, limits and priority of the `models` table. */
export function createPostgresModelSettings(db: Database): ModelSettingsSource {
  return {
    list: async () => {
      try {
        const rows = await db.model.findMany({
          select: {
            id: true,
            name: true,
            stage: true,
            maxConcurrent: true,
            tokensPerMinute: true,
            priority: true,
          },
        });
        return new Map(rows.map(({ name, ...settings }) => [name, settings]));
      } catch (error) {
        throw databaseError(error);
      }
    },
  };
}

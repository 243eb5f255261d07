import type { Database } from "@/lib/db";
import type { Moderation } from "@/lib/moderation";
import type { Settings } from "@/lib/settings";

/** What the use cases of publication need. */
export type PublicationDeps = {
  db: Database;
  settings: Pick<Settings, "current">;
  /** Looks at a text before it is published. */
  moderation: Pick<Moderation, "admit">;
};

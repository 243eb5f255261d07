import type { Database } from "@/lib/db";
import type { Settings } from "@/lib/settings";

/** What the use cases of publication need. */
export type PublicationDeps = { db: Database; settings: Pick<Settings, "current"> };

import type { LiveBattles } from "@/lib/arena";
import type { Database } from "@/lib/db";

/** What the history's use cases need. */
export type HistoryDeps = { db: Database; live: LiveBattles };

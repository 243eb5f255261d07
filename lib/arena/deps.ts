import type { Logger } from "pino";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import type { LeaderboardService } from "@/lib/leaderboard";
import type { LiveBattles } from "./live-battles";

/** What the arena's use cases need. Built once by the composition root. */
export type ArenaDeps = {
  db: Database;
  controller: Controller;
  leaderboard: LeaderboardService;
  live: LiveBattles;
  /** Uniform in [0, 1). */
  random: () => number;
  logger: Logger;
};

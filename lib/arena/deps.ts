import type { Logger } from "pino";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import type { LeaderboardService } from "@/lib/leaderboard";
import type { Moderation } from "@/lib/moderation";
import type { NetworkHashes } from "@/lib/trust";
import type { LiveBattles } from "./live-battles";
import type { PairSampler } from "./sample-pair";

/** What the arena's use cases need. Built once by the composition root. */
export type ArenaDeps = {
  db: Database;
  controller: Controller;
  leaderboard: LeaderboardService;
  live: LiveBattles;
  sampler: PairSampler;
  moderation: Pick<Moderation, "admit">;
  logger: Logger;
  /** Where votes come from, as hashes; absent: it is not kept. */
  networks?: NetworkHashes;
  /** Turns that a battle may have; absent: as many as the protocol allows. */
  maxTurns?: () => number;
};

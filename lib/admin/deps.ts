import type { FastifyRequest } from "fastify";
import type { Role, Sessions } from "@/lib/accounts";
import type { AuditActor } from "@/lib/audit";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import type { LeaderboardService } from "@/lib/leaderboard";
import type { Settings } from "@/lib/settings";
import type { ReleaseMaker } from "./releases/release-maker";
import type { SpeedHistory } from "./workers/speed-history";

/** What the operator's console needs. Built once by the composition root. */
export type AdminDeps = {
  db: Database;
  sessions: Sessions;
  controller: Controller;
  leaderboard: Pick<LeaderboardService, "latestFit" | "projectSampling">;
  /** Share of battles of a model against itself. */
  selfDuelRate: number;
  settings: Pick<Settings, "current">;
  /** Where the site is, as its people know it; null: as whoever asks has reached it. */
  publicUrl: string | null;
  speeds: SpeedHistory;
  releases: Pick<ReleaseMaker, "requireFree" | "begin">;
  heartbeatMs: number;
  /** The clock that all servers share, as far as this one knows it. */
  clock: { databaseNow(): Date };
};

/**
 * Who asks, as the audit log names them. The first thing that every handler calls: nothing else stands before it. Errors:
 * `sign_in_required`, `forbidden`, `database_unavailable`.
 */
export async function actorOf(
  { sessions }: Pick<AdminDeps, "sessions">,
  request: FastifyRequest,
  role: Role = "admin",
): Promise<AuditActor & { kind: "user" }> {
  const user = await sessions.require(request.headers.cookie, role);
  return { kind: "user", id: user.id, label: user.email };
}

import type { FastifyInstance } from "fastify";
import { openEventStream } from "@/lib/http";
import type { LeaderboardService } from "./leaderboard-service";

/** `GET /api/leaderboard`, and `GET /api/leaderboard/events`: a `board` frame at once and for each new fit. */
export async function leaderboardRoutes(
  app: FastifyInstance,
  { leaderboard }: { leaderboard: LeaderboardService },
): Promise<void> {
  app.get("/api/leaderboard", async (_request, reply) => {
    reply.header("cache-control", "no-store");
    return leaderboard.current();
  });

  app.get("/api/leaderboard/events", async (request, reply) => {
    const { snapshotId } = await leaderboard.current();
    const stream = openEventStream(request, reply);
    stream.send("board", { snapshotId });
    stream.onClose(leaderboard.subscribe((id) => stream.send("board", { snapshotId: id })));
  });
}

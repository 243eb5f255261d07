import type { FastifyInstance } from "fastify";
import type { Controller } from "@/lib/controller";
import { openEventStream } from "@/lib/http";
import {
  boardKeyQuerySchema,
  boardNameQuerySchema,
  boardQuerySchema,
  headToHeadQuerySchema,
  historyQuerySchema,
  parseInput,
} from "@/lib/protocol";
import type { LeaderboardService } from "./leaderboard-service";

type Options = { leaderboard: LeaderboardService; controller: Pick<Controller, "models"> };

/** The routes of `lib/protocol/leaderboard.ts`. */
export async function leaderboardRoutes(
  app: FastifyInstance,
  { leaderboard, controller }: Options,
): Promise<void> {
  app.get("/api/leaderboard", async (request, reply) => {
    const { body, etag } = await leaderboard.answer(parseInput(boardQuerySchema, request.query));
    // Asked again each time, answered without a body while nothing has changed.
    reply.header("cache-control", "no-cache").header("etag", etag);
    if (matches(request.headers["if-none-match"], etag)) return reply.status(304).send();
    return reply.type("application/json; charset=utf-8").send(body);
  });

  app.get("/api/leaderboard/events", async (request, reply) => {
    const key = parseInput(boardKeyQuerySchema, request.query);
    const { snapshotId } = await leaderboard.latestFit(key);
    const stream = openEventStream(request, reply);
    if (snapshotId !== null) stream.send("board", { ...key, snapshotId });
    stream.onClose(leaderboard.subscribe(key, (event) => stream.send("board", event)));
  });

  app.get("/api/leaderboard/pairs", async (request, reply) => {
    reply.header("cache-control", "no-cache");
    return leaderboard.pairs(parseInput(boardKeyQuerySchema, request.query));
  });

  app.get("/api/leaderboard/history", async (request, reply) => {
    reply.header("cache-control", "no-cache");
    return leaderboard.history(parseInput(historyQuerySchema, request.query));
  });

  app.get("/api/leaderboard/calibration", async (request, reply) => {
    reply.header("cache-control", "no-cache");
    return leaderboard.calibration(parseInput(boardKeyQuerySchema, request.query));
  });

  app.get("/api/leaderboard/h2h", async (request, reply) => {
    reply.header("cache-control", "no-cache");
    return leaderboard.headToHead(parseInput(headToHeadQuerySchema, request.query));
  });

  app.get<{ Params: { name: string } }>("/api/models/:name", async (request, reply) => {
    reply.header("cache-control", "no-cache");
    const { board } = parseInput(boardNameQuerySchema, request.query);
    const { name } = request.params;
    const isServed = controller.models().some((model) => model.name === name);
    return leaderboard.modelCard(name, board, isServed);
  });
}

/** RFC 9110, 13.1.2: a list of tags, weak ones alike, or any. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const given = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return given.includes(etag) || given.includes("*");
}

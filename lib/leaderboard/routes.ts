import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Controller } from "@/lib/controller";
import { openEventStream } from "@/lib/http";
import {
  boardKeyQuerySchema,
  boardNameQuerySchema,
  boardPairsQuerySchema,
  boardQuerySchema,
  boardVotesQuerySchema,
  headToHeadQuerySchema,
  historyQuerySchema,
  parseInput,
} from "@/lib/protocol";
import type { KeptAnswer } from "./kept-answers";
import type { LeaderboardService } from "./leaderboard-service";

type Options = {
  leaderboard: LeaderboardService;
  controller: Pick<Controller, "models">;
  /** Lets an address have an earlier edition of a board computed, or refuses it. Errors: `rate_limited`, `database_unavailable`. */
  limitEarlier: (address: string) => Promise<void>;
};

/** The routes of `lib/protocol/leaderboard.ts`. */
export async function leaderboardRoutes(
  app: FastifyInstance,
  { leaderboard, controller, limitEarlier }: Options,
): Promise<void> {
  app.get("/api/leaderboard", async (request, reply) => {
    return send(request, reply, await leaderboard.answer(parseInput(boardQuerySchema, request.query)));
  });

  app.get("/api/leaderboard/events", async (request, reply) => {
    const key = parseInput(boardKeyQuerySchema, request.query);
    const { snapshotId } = await leaderboard.latestFit(key);
    const stream = openEventStream(request, reply);
    if (snapshotId !== null) stream.send("board", { ...key, snapshotId });
    stream.onClose(leaderboard.subscribe(key, (event) => stream.send("board", event)));
  });

  app.get("/api/leaderboard/pairs", async (request, reply) => {
    const { edition, ...key } = parseInput(boardPairsQuerySchema, request.query);
    if (edition === undefined) return send(request, reply, await leaderboard.pairs(key));
    const admit = () => limitEarlier(request.ip);
    return send(request, reply, await leaderboard.earlierPairs(key, { edition, admit }));
  });

  app.get("/api/leaderboard/votes", async (request, reply) => {
    const { board, edition } = parseInput(boardVotesQuerySchema, request.query);
    const file =
      edition === undefined
        ? await leaderboard.votes(board)
        : await leaderboard.earlierVotes(board, { edition, admit: () => limitEarlier(request.ip) });
    reply.header("x-board-edition", file.edition);
    if (isUnchanged(request, reply, `"${file.sha256}"`)) return reply.status(304).send();
    reply.type("application/vnd.chat-arena.votes").header("x-uncompressed-length", file.bytes);
    const whole = Buffer.from(file.gzip.buffer, file.gzip.byteOffset, file.gzip.byteLength);
    if (takesGzip(request)) return reply.header("content-encoding", "gzip").send(whole);
    return reply.send(Readable.from([whole]).pipe(createGunzip()));
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

/** Sends what was serialized before, or says that the client has it. */
function send(request: FastifyRequest, reply: FastifyReply, { body, gzip, etag }: KeptAnswer) {
  if (isUnchanged(request, reply, etag)) return reply.status(304).send();
  reply.type("application/json; charset=utf-8");
  if (takesGzip(request)) return reply.header("content-encoding", "gzip").send(gzip);
  return reply.send(body);
}

/** Asked again each time, answered without a body while nothing has changed. The tag is weak: gzip makes other bytes. */
function isUnchanged(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  reply.header("cache-control", "no-cache").header("etag", `W/${etag}`).header("vary", "accept-encoding");
  return matches(request.headers["if-none-match"], etag);
}

/** RFC 9110, 12.5.3; a client that weighs gzip with 0 does not want it. */
function takesGzip(request: FastifyRequest): boolean {
  const accepted = request.headers["accept-encoding"] ?? "";
  return String(accepted)
    .split(",")
    .some((coding) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));
}

/** RFC 9110, 13.1.2: a list of tags, weak ones alike, or any. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const given = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return given.includes(etag) || given.includes("*");
}

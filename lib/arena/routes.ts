import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Visitors, visitorOrNew } from "@/lib/accounts";
import type { ChargeTokens } from "@/lib/answers";
import { AppError } from "@/lib/errors";
import { type EventStream, openEventStream } from "@/lib/http";
import {
  type BattleEvent,
  parseInput,
  promptRequestSchema,
  regenerateRequestSchema,
  retryRequestSchema,
  startRequestSchema,
  stopRequestSchema,
  voteReasonsSchema,
  voteRequestSchema,
} from "@/lib/protocol";
import { castVote } from "./cast-vote";
import { continueBattle } from "./continue-battle";
import type { ArenaDeps } from "./deps";
import { followBattle, getBattle } from "./get-battle";
import { giveReasons } from "./give-reasons";
import { regenerateTurn } from "./regenerate-turn";
import { retrySide } from "./retry-side";
import { startBattle } from "./start-battle";
import { stopBattle } from "./stop-battle";
import { swapSides } from "./swap-sides";

type Options = {
  arena: ArenaDeps;
  visitors: Visitors;
  /** Whom the tokens of the answers that a request asks for are charged to. Default: nobody. */
  chargeOf?: ((request: FastifyRequest) => ChargeTokens | undefined) | undefined;
};

const idSchema = z.object({ id: z.uuid() });

/** `/api/battles`, as lib/protocol/battle.ts describes it. Every route but the first needs the visitor of the battle. */
export async function arenaRoutes(
  app: FastifyInstance,
  { arena, visitors, chargeOf = () => undefined }: Options,
): Promise<void> {
  const visitorOf = async (request: FastifyRequest): Promise<string> => {
    const visitorId = await visitors.read(request.headers.cookie);
    if (visitorId === null) throw new AppError("battle_not_found");
    return visitorId;
  };
  /** Somebody else's battle, a battle that never was and an id that is none look the same. */
  const battleOf = (request: FastifyRequest): string => {
    const params = idSchema.safeParse(request.params);
    if (!params.success) throw new AppError("battle_not_found");
    return params.data.id;
  };

  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  app.post("/api/battles", async (request, reply) => {
    const body = parseInput(startRequestSchema, request.body);
    reply.status(201);
    return startBattle(arena, await visitorOrNew(visitors, request, reply), body, chargeOf(request));
  });

  app.get("/api/battles/:id", async (request) =>
    getBattle(arena, await visitorOf(request), battleOf(request)),
  );

  app.get("/api/battles/:id/events", async (request, reply) => {
    const visitorId = await visitorOf(request);
    const battleId = battleOf(request);
    // Errors must still be able to become an answer, so the stream opens only once the battle is being followed.
    const early: BattleEvent[] = [];
    let stream: EventStream | null = null;
    const leave = await followBattle(arena, visitorId, battleId, (event) => {
      if (stream === null) early.push(event);
      else stream.send(event.type, event);
    });
    stream = openEventStream(request, reply);
    for (const event of early) stream.send(event.type, event);
    stream.onClose(leave);
  });

  app.post("/api/battles/:id/turns", async (request, reply) => {
    const body = parseInput(promptRequestSchema, request.body);
    reply.status(201);
    return continueBattle(arena, await visitorOf(request), battleOf(request), body, chargeOf(request));
  });

  app.post("/api/battles/:id/regenerate", async (request) => {
    const body = parseInput(regenerateRequestSchema, request.body);
    return regenerateTurn(arena, await visitorOf(request), battleOf(request), body, chargeOf(request));
  });

  app.post("/api/battles/:id/stop", async (request) => {
    const body = parseInput(stopRequestSchema, request.body);
    return stopBattle(arena, await visitorOf(request), battleOf(request), body);
  });

  app.post("/api/battles/:id/retry", async (request) => {
    const body = parseInput(retryRequestSchema, request.body);
    return retrySide(arena, await visitorOf(request), battleOf(request), body, chargeOf(request));
  });

  app.post("/api/battles/:id/swap", async (request) =>
    swapSides(arena, await visitorOf(request), battleOf(request)),
  );

  app.post("/api/battles/:id/reasons", async (request) => {
    const body = parseInput(voteReasonsSchema, request.body);
    return giveReasons(arena, await visitorOf(request), battleOf(request), body);
  });

  app.post("/api/battles/:id/vote", async (request) => {
    const body = parseInput(voteRequestSchema, request.body);
    const visitorId = await visitorOf(request);
    const network = (await arena.networks?.of(request.ip)) ?? null;
    return castVote(arena, visitorId, battleOf(request), body, network);
  });
}

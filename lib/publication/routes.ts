import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Visitors } from "@/lib/accounts";
import { AppError, type ErrorCode } from "@/lib/errors";
import { parseInput, publicationRequestSchema, shareQuerySchema, shareRequestSchema } from "@/lib/protocol";
import { changePublication, readPublication } from "./change-publication";
import type { PublicationDeps } from "./deps";
import { listShares } from "./list-shares";
import { publish } from "./publish";
import { unpublish } from "./unpublish";

type Options = {
  publication: PublicationDeps;
  visitors: Pick<Visitors, "read">;
  /** Counts a request as one that sends a prompt, or refuses it. Default: nobody counts. */
  countPrompt?: (request: FastifyRequest) => Promise<void>;
};

/** The routes of lib/protocol/publication.ts. All but the list need the visitor whose battle or chat it is. */
export async function publicationRoutes(
  app: FastifyInstance,
  { publication, visitors, countPrompt = async () => undefined }: Options,
): Promise<void> {
  const visitorOr = async (request: FastifyRequest, code: ErrorCode): Promise<string> => {
    const visitorId = await visitors.read(request.headers.cookie);
    if (visitorId === null) throw new AppError(code);
    return visitorId;
  };
  const battleOf = (request: FastifyRequest): string => {
    const params = z.object({ id: z.uuid() }).safeParse(request.params);
    if (!params.success) throw new AppError("battle_not_found");
    return params.data.id;
  };

  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  app.get("/api/battles/:id/publication", async (request) =>
    readPublication(publication, await visitorOr(request, "battle_not_found"), battleOf(request)),
  );

  app.post("/api/battles/:id/publication", async (request) => {
    const body = parseInput(publicationRequestSchema, request.body);
    return changePublication(
      publication,
      await visitorOr(request, "battle_not_found"),
      battleOf(request),
      body,
      () => countPrompt(request),
    );
  });

  app.get("/api/shares", async (request) => {
    const query = parseInput(shareQuerySchema, request.query);
    const visitorId = await visitors.read(request.headers.cookie);
    // Who has no cookie has nothing yet.
    return visitorId === null ? { shares: [] } : listShares(publication, visitorId, query);
  });

  app.post("/api/shares", async (request, reply) => {
    const body = parseInput(shareRequestSchema, request.body);
    const visitorId = await visitorOr(
      request,
      body.battleId === undefined ? "conversation_not_found" : "battle_not_found",
    );
    const share = await publish(publication, visitorId, body, () => countPrompt(request));
    return reply.status(201).send(share);
  });

  app.delete<{ Params: { token: string } }>("/api/shares/:token", async (request) =>
    unpublish(publication, await visitorOr(request, "share_not_found"), request.params.token),
  );
}

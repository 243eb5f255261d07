import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Visitors } from "@/lib/accounts";
import { AppError } from "@/lib/errors";
import { historyRequestSchema, parseInput } from "@/lib/protocol";
import { deleteTexts } from "./delete-texts";
import type { HistoryDeps } from "./deps";
import { listHistory } from "./list-history";
import { personalBoard } from "./personal-board";

type Options = { history: HistoryDeps; visitors: Visitors };

const idSchema = z.object({ id: z.uuid() });

/** `/api/history`, as lib/protocol/history.ts describes it. Who has no cookie has no history yet. */
export async function historyRoutes(app: FastifyInstance, { history, visitors }: Options): Promise<void> {
  const visitorOf = async (request: FastifyRequest) => visitors.read(request.headers.cookie);

  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  app.get("/api/history", async (request) => {
    const query = parseInput(historyRequestSchema, request.query);
    const visitorId = await visitorOf(request);
    return visitorId === null
      ? { entries: [], nextCursor: null, models: [] }
      : listHistory(history, visitorId, query);
  });

  app.get("/api/history/board", async (request) => {
    const visitorId = await visitorOf(request);
    return visitorId === null ? { votes: 0, rows: [] } : personalBoard(history, visitorId);
  });

  app.delete("/api/history", async (request) => {
    const visitorId = await visitorOf(request);
    return visitorId === null ? { battles: 0 } : deleteTexts(history, visitorId);
  });

  app.delete("/api/history/:id", async (request) => {
    const params = idSchema.safeParse(request.params);
    const visitorId = await visitorOf(request);
    if (visitorId === null || !params.success) throw new AppError("battle_not_found");
    return deleteTexts(history, visitorId, params.data.id);
  });
}

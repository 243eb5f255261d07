import type { FastifyInstance } from "fastify";
import type { Visitors } from "@/lib/accounts";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { flagRequestSchema, parseInput } from "@/lib/protocol";
import { flagAnswer } from "./flag-answer";

type Options = { db: Database; visitors: Visitors };

/** As lib/protocol/moderation.ts describes it. */
export async function flagRoutes(app: FastifyInstance, { db, visitors }: Options): Promise<void> {
  app.post("/api/flags", async (request, reply) => {
    const body = parseInput(flagRequestSchema, request.body);
    let visitorId = await visitors.read(request.headers.cookie);
    if (visitorId === null && body.subject.kind === "share") {
      const made = visitors.create();
      reply.header("set-cookie", made.setCookie);
      visitorId = made.visitorId;
    }
    if (visitorId === null) {
      throw new AppError(body.subject.kind === "battle" ? "battle_not_found" : "message_not_found");
    }
    reply.status(201).header("cache-control", "no-store");
    return await flagAnswer(db, visitorId, body);
  });
}

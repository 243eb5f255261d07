import type { FastifyInstance } from "fastify";
import type { Visitors } from "@/lib/accounts";
import { AppError } from "@/lib/errors";
import { flagRequestSchema, parseInput } from "@/lib/protocol";
import { type FlagDeps, flagAnswer } from "./flag-answer";

type Options = { flags: FlagDeps; visitors: Visitors };

/** As lib/protocol/moderation.ts describes it. */
export async function flagRoutes(app: FastifyInstance, { flags, visitors }: Options): Promise<void> {
  app.post("/api/flags", async (request, reply) => {
    const body = parseInput(flagRequestSchema, request.body);
    let visitorId = await visitors.read(request.headers.cookie);
    const { kind } = body.subject;
    if (visitorId === null && (kind === "share" || kind === "published")) {
      const made = visitors.create();
      reply.header("set-cookie", made.setCookie);
      visitorId = made.visitorId;
    }
    if (visitorId === null) {
      throw new AppError(kind === "battle" ? "battle_not_found" : "message_not_found");
    }
    reply.status(201).header("cache-control", "no-store");
    return await flagAnswer(flags, visitorId, body);
  });
}

import type { FastifyInstance } from "fastify";
import type { ExclusionSummary } from "@/lib/protocol";

type Options = { readSummary: () => Promise<ExclusionSummary> };

/** `GET /api/exclusions`, as lib/protocol/integrity.ts describes it. */
export async function integrityRoutes(app: FastifyInstance, { readSummary }: Options): Promise<void> {
  app.get("/api/exclusions", async (_request, reply) => {
    reply.header("cache-control", "no-cache");
    return readSummary();
  });
}

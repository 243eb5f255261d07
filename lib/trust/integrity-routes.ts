import type { FastifyInstance } from "fastify";
import type { Database } from "@/lib/db";
import type { ExclusionSummary } from "@/lib/protocol";
import { exclusionSummary } from "./exclusions/exclusion-summary";

/** Anyone may ask, as often as they like: it is added up at most this often. */
const freshMs = 10_000;

/** `GET /api/exclusions`, as lib/protocol/integrity.ts describes it. */
export async function integrityRoutes(app: FastifyInstance, { db }: { db: Database }): Promise<void> {
  let kept: { at: number; summary: Promise<ExclusionSummary> } | null = null;

  app.get("/api/exclusions", async (_request, reply) => {
    reply.header("cache-control", "no-cache");
    if (kept === null || performance.now() - kept.at > freshMs) {
      const own = { at: performance.now(), summary: exclusionSummary(db) };
      kept = own;
      // A failure must not be remembered as the answer.
      own.summary.catch(() => {
        if (kept === own) kept = null;
      });
    }
    return kept.summary;
  });
}
